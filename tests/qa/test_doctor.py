import hashlib
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from qa import doctor
from qa.doctor import Check, answering, endpoint, installed, model_files
from qa.local_model import QWEN


def test_installed_names_python_and_every_package_without_importing_one() -> None:
    checks = installed()
    assert [check.name for check in checks] == ["python", *doctor.PACKAGES]
    assert all(check.ok and check.detail for check in checks)
    code = "import sys; from qa.doctor import installed; installed(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"chromadb", "openai", "textual", "numpy"} & set(done.stdout.split())


def test_a_missing_package_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    assert installed()[1:] == [Check("no-such-package", False, "not installed: reinstall isisk-qa")]


def test_model_files_are_checked_by_their_hash(tmp_path: Path) -> None:
    good, altered, missing = tmp_path / "model.onnx", tmp_path / "tokenizer.json", tmp_path / "config.json"
    good.write_bytes(b"weights")
    altered.write_bytes(b"other")
    sha256 = hashlib.sha256(b"weights").hexdigest()
    other = hashlib.sha256(b"other").hexdigest()
    assert model_files({good: sha256, altered: sha256, missing: sha256}) == [
        Check("model.onnx", True, f"sha256 {sha256}"),
        Check("tokenizer.json", False, f"sha256 {other}, expected {sha256}: reinstall isisk-qa"),
        Check("config.json", False, "cannot be read: No such file or directory"),
    ]


def test_an_endpoint_that_listens_and_one_that_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = endpoint(f"http://someone:secret@127.0.0.1:{port}/v1")
        assert found == Check("endpoint", True, f"127.0.0.1:{port} accepts connections")
    gone = endpoint(f"http://127.0.0.1:{port}/v1")
    assert gone == Check("endpoint", False, f"127.0.0.1:{port} cannot be reached: Connection refused")


@pytest.mark.parametrize(
    "url", ["", "localhost:8080", "ftp://localhost/v1", "http://localhost:port/v1", "http://", "http://[::1"]
)
def test_what_is_not_an_address_fails(url: str) -> None:
    assert endpoint(url) == Check("endpoint", False, "the base URL is not an http or https address")


def test_a_local_model_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "small.gguf"

    def check() -> Check:
        (found,) = answering(f"local: {file}", None)
        return found

    assert not check().ok
    assert "cannot be read" in check().detail
    file.write_bytes(b"<html>")
    assert check() == Check("small.gguf", False, f"{file} is not a GGUF file; correct ISISK_QA_MODEL.")
    file.write_bytes(b"GGUF of a kind")
    assert check() == Check("small.gguf", True, "a GGUF file of 14 bytes")
    # As large as the packaged one: it should be that.
    sha256 = hashlib.sha256(b"GGUF of a kind").hexdigest()
    monkeypatch.setattr(doctor, "QWEN", replace(QWEN, size=14, sha256=sha256))
    assert check() == Check("small.gguf", True, f"sha256 {sha256}")
    file.write_bytes(b"GGUF of a kine")
    assert not check().ok
    assert check().detail.endswith("move it away and run `isisk-qa local-model`")


def test_what_is_not_configured_is_not_looked_at() -> None:
    assert answering(None, None) == answering("hosted-model", None) == []
    assert [found.name for found in answering("hosted-model", "http://")] == ["endpoint"]
