from hashlib import sha256
from importlib.resources import files

import pytest

from prompts import PromptError, Rendered, load_prompt, parse_prompt


def source(variables: str = '["question"]', system: str = "Be brief.", user: str = "{{question}}") -> bytes:
    return f"+++\nvariables = {variables}\n+++\n# system\n{system}\n# user\n{user}\n".encode()


def test_every_shipped_prompt_is_valid() -> None:
    names = [entry.name.removesuffix(".md") for entry in files("prompts").iterdir() if entry.name.endswith(".md")]
    assert "answer" in names
    for name in names:
        assert load_prompt(name).name == name


def test_the_hash_is_of_the_files_bytes() -> None:
    assert load_prompt("answer").sha256 == sha256(files("prompts").joinpath("answer.md").read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["answer", "short"])
def test_an_answer_prompt_puts_the_passages_after_the_rules(name: str) -> None:
    parts = load_prompt(name).render(
        form="<the form>", mark="abcd1234", passages="<the passages>", question="Who?", reminder="<so>"
    )
    assert "<the form>" in parts.system
    assert "<the passages>" not in parts.system
    assert parts.user.index("<the passages>") < parts.user.rindex("Who?") < parts.user.index("<so>")
    # A mark that changes with each request would keep an endpoint from reading the rules only once.
    assert "abcd1234" not in parts.system


@pytest.mark.parametrize(
    "value",
    ["{{question}}", "{{other}}", "{x.__class__}", "{", "\\1 \\g<0>", "+++\n# system\n# user", "%s $x"],
)
def test_a_value_is_inserted_once_and_stays_inert(value: str) -> None:
    prompt = parse_prompt("p", source('["question", "other"]', "S", "{{question}}|{{other}}"))
    assert prompt.render(question=value, other="B") == Rendered("S", f"{value}|B")


def test_a_variable_may_stand_in_both_parts() -> None:
    prompt = parse_prompt("p", source(system="About {{question}}: brief."))
    assert prompt.render(question="x") == Rendered("About x: brief.", "x")


@pytest.mark.parametrize("values", [{}, {"question": "a", "more": "b"}, {"questions": "a"}])
def test_missing_and_extra_values_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(PromptError, match=r"question|more"):
        parse_prompt("p", source()).render(**values)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(source("[]"), id="used but not declared"),
        pytest.param(source('["question", "more"]'), id="declared but not used"),
        pytest.param(source('["question", "question"]'), id="declared twice"),
        pytest.param(source('"question"'), id="no list"),
        pytest.param(source("[1]"), id="no names"),
        pytest.param(source('["question"]\nmodel = "x"'), id="an unknown key"),
        pytest.param(source("[question]"), id="no TOML"),
        pytest.param(source(system="{{ question }}"), id="blanks in a placeholder"),
        pytest.param(source(system="{{Question}}"), id="a capital in a placeholder"),
        pytest.param(source(system="open {{"), id="stray braces"),
        pytest.param(b"# system\nS\n# user\n{{question}}\n", id="no front matter"),
        pytest.param(b'+++\nvariables = ["question"]\n+++\n{{question}}\n', id="no parts"),
        pytest.param(b"\xff\xfe" + source(), id="no UTF-8"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_file_that_is_not_valid_is_refused(data: bytes) -> None:
    with pytest.raises(PromptError):
        parse_prompt("p", data)


@pytest.mark.parametrize("name", ["missing", "../answer", "answer.md", "", "/etc/passwd"])
def test_only_prompts_by_name_are_loaded(name: str) -> None:
    with pytest.raises(PromptError, match="no prompt"):
        load_prompt(name)


def test_windows_line_ends_are_read_but_hashed_as_they_are() -> None:
    data = source().replace(b"\n", b"\r\n")
    prompt = parse_prompt("p", data)
    assert prompt.render(question="x") == Rendered("Be brief.", "x")
    assert prompt.sha256 == sha256(data).hexdigest()
