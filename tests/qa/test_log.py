from pathlib import Path

from qa import log


def _raised(message: str) -> ValueError:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


def test_tracebacks_are_appended(tmp_path: Path) -> None:
    home = tmp_path / "not" / "there yet"
    assert log.record(home, _raised("first")) == home / "isisk-qa.log"
    log.record(home, _raised("second \ud800"))
    text = (home / "isisk-qa.log").read_text(encoding="utf-8")
    assert text.index("ValueError: first") < text.index("ValueError: second \\ud800")
    assert text.count("Traceback") == 2


def test_a_log_that_cannot_be_written_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert log.record(tmp_path / "file", _raised("x")) is None
