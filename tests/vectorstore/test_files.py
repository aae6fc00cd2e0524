import os
import subprocess
from pathlib import Path

import pytest

from vectorstore import files
from vectorstore.errors import LoadError
from vectorstore.files import Limits, SourceFile, find_files, read_bytes


def put(folder: Path, name: str, data: bytes = b"x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path.resolve()


def found(*paths: Path, most: int = 100) -> list[Path]:
    result = find_files(paths, Limits(most))
    assert result.failures == []
    return [file.path for file in result.files]


def test_a_folder_is_searched_to_its_end_and_sorted(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    names = ["a.txt", "b/a.PDF", "b/c.md", "b.html", "c/c/c/c.jsonl", "d.htm"]
    expected = [put(folder, name) for name in names]
    for name in ("picture.jpg", "catalog.toml", ".hidden.txt", ".git/a.txt", "README.md", "b/readme.txt", "._a.txt"):
        put(folder, name)
    assert found(folder) == sorted(expected)
    assert {file.root for file in find_files([folder]).files} == {folder.resolve()}


def test_each_file_once_in_the_order_of_naming(tmp_path: Path) -> None:
    a, b, c = (put(tmp_path, f"texts/{name}.txt") for name in "abc")
    assert found(c, tmp_path / "texts", b, c) == [c, a, b]
    assert find_files([c]).files == [SourceFile(c, c.parent)]


def test_a_folder_deeper_than_python_recurses(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    # Python's own removal of folders would recurse.
    request.addfinalizer(lambda: subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True))
    at = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1_100):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    with os.fdopen(os.open("a.txt", os.O_CREAT | os.O_WRONLY, dir_fd=at), "wb") as stream:
        stream.write(b"deep")
    os.close(at)
    (file,) = find_files([tmp_path]).files
    assert read_bytes(file) == b"deep"


def test_hidden_and_readme_files_are_read_when_named(tmp_path: Path) -> None:
    paths = [put(tmp_path, ".hidden.txt"), put(tmp_path, "README.md")]
    assert found(*paths) == paths


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="There is no file or folder"):
        find_files([tmp_path / "absent"])
    (tmp_path / "dangling").symlink_to(tmp_path / "absent")
    with pytest.raises(LoadError, match="There is no file or folder"):
        find_files([tmp_path / "dangling"])
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(LoadError, match="There is no file or folder"):
        find_files([tmp_path / "loop"])
    put(tmp_path, "empty/a.jpg")
    with pytest.raises(LoadError, match=r"no \.txt, \.md.* or \.jsonl file"):
        find_files([tmp_path / "empty"])


def test_what_is_named_may_be_a_link(tmp_path: Path) -> None:
    a = put(tmp_path, "texts/a.txt")
    (tmp_path / "folder").symlink_to(tmp_path / "texts")
    (tmp_path / "file.txt").symlink_to(a)
    assert find_files([tmp_path / "folder"]).files == [SourceFile(a, a.parent)]
    assert find_files([tmp_path / "file.txt"]).files == [SourceFile(a, a.parent)]


def test_links_out_of_the_root_are_told_and_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    inside, _ = put(root, "deep/inside.txt"), put(outside, "secret.txt")
    links = {
        "file.txt": outside / "secret.txt",
        "folder": outside,
        "broken.txt": root / "absent.txt",
        "up": tmp_path,
        # Of no interest: a link within the root, one to a file that is not read, and a broken one of another kind.
        "within.txt": inside,
        "around": root / "deep",
        "passwords": Path("/etc/passwd"),
        "broken": root / "absent",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    result = find_files([root])
    assert [file.path for file in result.files] == [inside]
    assert [path.name for path, _ in result.failures] == ["broken.txt", "file.txt", "folder", "up"]
    assert all("is a link out of" in str(error) for _, error in result.failures)


def test_a_link_put_in_place_after_the_search_is_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    put(root, "a.txt"), put(root, "deep/b.txt"), put(outside, "a.txt", b"secret"), put(outside, "b.txt", b"secret")
    a, b = find_files([root]).files
    a.path.unlink()
    a.path.symlink_to(outside / "a.txt")
    (root / "deep").rename(tmp_path / "moved")
    (root / "deep").symlink_to(outside)
    for file in (a, b):
        with pytest.raises(LoadError, match="cannot be read"):
            read_bytes(file)


def test_what_is_not_a_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    a = put(tmp_path, "a.txt")
    result = find_files([tmp_path])
    assert [file.path for file in result.files] == [a]
    assert [str(error) for _, error in result.failures] == [f"{tmp_path / 'pipe.txt'} is not a regular file."]
    assert len(find_files([tmp_path / "pipe.txt"]).failures) == 1
    # It became one after the search: opening it does not wait for a writer.
    with pytest.raises(LoadError, match="not a regular file"):
        read_bytes(SourceFile(tmp_path / "pipe.txt", tmp_path))
    put(tmp_path, "folder.txt/b.txt")
    assert tmp_path / "folder.txt" / "b.txt" in [file.path for file in find_files([tmp_path]).files]


def test_a_named_file_of_another_kind(tmp_path: Path) -> None:
    result = find_files([put(tmp_path, "a.jpg"), put(tmp_path, "b.txt")])
    assert [file.path.name for file in result.files] == ["b.txt"]
    assert "a.jpg is not read: only .txt, .md" in str(result.failures[0][1])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    put(tmp_path, "shut/a.txt")
    b = put(tmp_path, "b.txt")
    b.chmod(0)
    (tmp_path / "shut").chmod(0)
    try:
        result = find_files([tmp_path])
        assert [str(path) for path, _ in result.failures] == [str(tmp_path / "shut")]
        with pytest.raises(LoadError, match="cannot be read: Permission denied"):
            read_bytes(result.files[0])
    finally:
        (tmp_path / "shut").chmod(0o700)


def test_a_name_that_cannot_be_stored(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.txt", "wb"):  # noqa: PTH123 - pathlib takes no bytes
        pass
    ((path, error),) = find_files([tmp_path]).failures
    assert path.suffix == ".txt"
    assert str(error).isascii()
    assert "rename it" in str(error)


def test_no_more_files_than_allowed(tmp_path: Path) -> None:
    a, b, _ = (put(tmp_path, f"{name}.txt") for name in "abc")
    result = find_files([tmp_path], Limits(max_files=2))
    assert [file.path for file in result.files] == [a, b]
    assert [str(error) for _, error in result.failures] == [f"{tmp_path} has files beyond the first 2: name less."]
    assert found(tmp_path, tmp_path, most=3)[:2] == [a, b]


def test_no_more_bytes_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(files.MAX_BYTES, ".txt", 5)
    a, b = find_files([put(tmp_path, "a.txt", b"12345"), put(tmp_path, "b.txt", b"123456")]).files
    assert read_bytes(a) == b"12345"
    with pytest.raises(LoadError, match="is larger than"):
        read_bytes(b)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    (file,) = find_files([put(tmp_path, "a.txt")]).files
    file.path.unlink()
    with pytest.raises(LoadError, match=r"a\.txt cannot be read: No such file"):
        read_bytes(file)
