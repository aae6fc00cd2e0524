"""Finding the files that are named, and reading them: regular files inside a named folder, and no links out of it."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vectorstore.errors import LoadError

_MB = 1_000_000
# The most bytes of a file, by its suffix; these are the suffixes that are read.
MAX_BYTES = {
    ".txt": 10 * _MB,
    ".md": 10 * _MB,
    ".html": 10 * _MB,
    ".htm": 10 * _MB,
    ".pdf": 50 * _MB,
    ".jsonl": 200 * _MB,
}
_KINDS = ".txt, .md, .html, .htm, .pdf and .jsonl"
# Lets a folder be passed through that may not be listed; only Linux has it.
_THROUGH = getattr(os, "O_PATH", os.O_RDONLY)
# O_NONBLOCK: opening a pipe must not wait for a writer.
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one ingest."""

    max_files: int = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A regular file. ``root`` is the folder that was named, or the file's own; both are resolved."""

    path: Path
    root: Path


@dataclass(frozen=True, slots=True)
class Found:
    """The files, once each; and what was passed over although it was asked for, with the reason."""

    files: list[SourceFile]
    failures: list[tuple[Path, LoadError]]


def find_files(paths: Iterable[Path], limits: Limits = Limits()) -> Found:
    """The files that are named, and those in the named folders, sorted within each.

    Hidden files, READMEs and files of other kinds are passed over in a folder. Raises LoadError when a named path does
    not exist, or when there is nothing to read.
    """
    files: dict[Path, SourceFile] = {}
    failures: list[tuple[Path, LoadError]] = []
    for path in paths:
        for found in _look(path):
            if isinstance(found, tuple):
                failures.append(found)
            elif len(files) < limits.max_files:
                files.setdefault(found.path, found)
            elif found.path not in files:
                failures.append(
                    (path, LoadError(f"{path} has files beyond the first {limits.max_files:,}: name less."))
                )
                return Found(list(files.values()), failures)
    if not files and not failures:
        raise LoadError(f"There is nothing to read: no {_KINDS.replace('and', 'or')} file in what was named.")
    return Found(list(files.values()), failures)


_Seen = SourceFile | tuple[Path, LoadError]


def _look(path: Path) -> Iterator[_Seen]:
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise LoadError(f"There is no file or folder {path}.") from error
    if resolved.is_dir():
        yield from _walk(resolved)
    elif resolved.suffix.lower() not in MAX_BYTES:
        yield path, LoadError(f"{path} is not read: only {_KINDS} files are.")
    else:
        yield _checked(resolved, resolved.parent, resolved.is_file())


def _walk(root: Path) -> Iterator[_Seen]:
    """Depth first, by name; a stack, since folders may lie deeper than Python recurses."""
    pending: list[Path | os.DirEntry[str]] = [root]
    while pending:
        entry = pending.pop()
        path = Path(entry)
        # What the listing told of an entry needs no stat of it; a folder may have a million.
        if isinstance(entry, os.DirEntry) and entry.is_symlink():
            yield from _link(path, root)
        elif entry is root or entry.is_dir():
            try:
                with os.scandir(path) as scan:
                    below = [each for each in scan if not each.name.startswith(".")]
            except OSError as error:
                yield path, LoadError(f"{path} cannot be read: {error.strerror}.")
                continue
            pending.extend(sorted(below, key=lambda each: each.name, reverse=True))
        elif path.suffix.lower() in MAX_BYTES and path.stem.lower() != "readme":
            yield _checked(path, root, entry.is_file())


def _link(path: Path, root: Path) -> Iterator[_Seen]:
    """Never followed. What it leads to is found by itself when it is in the root, and is said to be left out if not."""
    try:
        target = path.resolve(strict=True)
        wanted = target.is_dir() or path.suffix.lower() in MAX_BYTES
    except (OSError, RuntimeError):
        target, wanted = None, path.suffix.lower() in MAX_BYTES
    if wanted and (target is None or not target.is_relative_to(root)):
        yield path, LoadError(f"{path} is a link out of {root} and is not followed; name what it leads to.")


def _checked(path: Path, root: Path, regular: bool) -> _Seen:
    if not regular:
        return path, LoadError(f"{path} is not a regular file.")
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return path, LoadError(f"{str(path)!a} has a name that is not UTF-8; rename it.")
    return SourceFile(path, root)


def read_bytes(file: SourceFile) -> bytes:
    """What is in the file. No link is followed below its root. Raises LoadError."""
    most = MAX_BYTES.get(file.path.suffix.lower(), 0)
    try:
        handle = _open(file)
    except OSError as error:
        raise LoadError(f"{file.path} cannot be read: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise LoadError(f"{file.path} is not a regular file.")
            # One more than allowed: a file may grow after its size was asked for.
            data = stream.read(most + 1)
    except OSError as error:
        raise LoadError(f"{file.path} cannot be read: {error.strerror}.") from error
    if len(data) > most:
        raise LoadError(f"{file.path} is larger than {most // _MB} MB; split it.")
    return data


def _open(file: SourceFile) -> int:
    if os.open not in os.supports_dir_fd:
        return os.open(file.path, _READ)
    # Step by step, so that a folder that was replaced by a link since it was found leads nowhere.
    *folders, name = file.path.relative_to(file.root).parts
    at = os.open(file.root, _THROUGH | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = os.open(folder, _THROUGH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        return os.open(name, _READ, dir_fd=at)
    finally:
        os.close(at)
