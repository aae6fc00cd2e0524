"""Child processes without their imports: one process imports everything, and forks for each request.

A fresh interpreter needs seconds for its imports, which is where nearly every random kill would fall. The children are
real processes all the same: they run ``qa.cli.main`` with arguments, an environment and output files of their own.
"""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
PRELOADED = (
    "chromadb", "langchain_openai", "openai", "qa.chain", "qa.cli", "qa.evaluation.run", "tests.reliability.children",
    "vectorstore.index",
)  # fmt: skip
PATIENCE_S = 120.0


def program_environment(**more: str) -> dict[str, str]:
    """This one without anybody's settings."""
    foreign = ("ISISK_QA_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": str(ROOT), "TOKENIZERS_PARALLELISM": "false", **more}


@dataclass(frozen=True)
class Ended:
    """``code`` is negative for a signal; ``cpu_s`` is processor time, ``seconds`` what a clock on the wall shows."""

    code: int
    cpu_s: float
    seconds: float
    out: str
    err: str


class Child:
    """A running child. Killing it after it ended does nothing."""

    def __init__(self, warm: "WarmProcess", pid: int, started: float, folder: Path) -> None:
        self._warm = warm
        self.pid = pid
        self.started = started
        self._folder = folder

    @property
    def running(self) -> bool:
        self._warm.take_news(0)
        return self.pid not in self._warm.ended

    def kill(self, what: signal.Signals = signal.SIGKILL) -> bool:
        """Whether it was still running."""
        if not self.running:
            return False
        os.kill(self.pid, what)
        return True

    def wait(self) -> Ended:
        deadline = time.monotonic() + PATIENCE_S
        while self.pid not in self._warm.ended:
            self._warm.take_news(1)
            assert time.monotonic() < deadline, f"{self.pid} hangs; stderr: {self._read('err')}"
        code, cpu_s, ended = self._warm.ended[self.pid]
        return Ended(code, cpu_s, ended - self.started, self._read("out"), self._read("err"))

    def _read(self, name: str) -> str:
        return (self._folder / name).read_text("utf-8", "replace")


class WarmProcess:
    """The near end: ``start`` gives a Child."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin: IO[bytes] = process.stdin
        self._stdout = process.stdout.fileno()
        self._folder = folder
        self._unread = b""
        self._started: list[tuple[int, float]] = []
        self._count = 0
        self.ended: dict[int, tuple[int, float, float]] = {}

    def start(
        self, function: str, *arguments: Any, env: Mapping[str, str] | None = None, max_file_bytes: int | None = None
    ) -> Child:
        """Run ``tests.reliability.children.<function>(*arguments)``; its result is the exit code."""
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir(parents=True)
        # A child may be killed before it opens them.
        for name in ("out", "err"):
            (folder / name).touch()
        request = {
            "function": function,
            "arguments": arguments,
            "env": dict(env or {}),
            "folder": str(folder),
            "max_file_bytes": max_file_bytes,
        }
        self._stdin.write(json.dumps(request).encode() + b"\n")
        self._stdin.flush()
        while not self._started:
            self.take_news(1)
        pid, started = self._started.pop()
        return Child(self, pid, started, folder)

    def command(self, home: Path, *arguments: str | Path, env: Mapping[str, str], **more: Any) -> Child:
        """Run the command line on a store."""
        return self.start("command", *map(str, arguments), env={**env, "ISISK_QA_HOME": str(home)}, **more)

    def take_news(self, timeout_s: float) -> None:
        if not select.select([self._stdout], [], [], timeout_s)[0]:
            return
        read = os.read(self._stdout, 65536)
        assert read, "the warm process has ended"
        *lines, self._unread = (self._unread + read).split(b"\n")
        for news in map(json.loads, lines):
            if "code" in news:
                self.ended[news["pid"]] = (news["code"], news["cpu_s"], news["at"])
            else:
                self._started.append((news["pid"], news["at"]))


@contextmanager
def warm_process(folder: Path) -> Iterator[WarmProcess]:
    """Start the process; its remaining children are killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.warm"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=program_environment(),
        cwd=ROOT,
        bufsize=0,
    ) as process:
        try:
            yield WarmProcess(process, folder)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(PATIENCE_S)


def serve() -> None:
    """The far end: a request a line on stdin; on stdout a line when a child starts and one when it ends."""
    for name in PRELOADED:
        import_module(name)
    from vectorstore.embedding import is_common_word

    # Reads the tokenizer, which answering needs.
    is_common_word("word")
    wake, waker = os.pipe()
    for end in (wake, waker):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    running: set[int] = set()
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    while True:
        ready, _, _ = select.select([requests.fileno(), wake], [], [])
        if requests.fileno() in ready:
            line = requests.readline()
            if not line:
                break
            at = time.monotonic()
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                _be_the_child(json.loads(line))
            running.add(pid)
            _tell({"pid": pid, "at": at})
        if wake in ready:
            os.read(wake, 4096)
        for pid in list(running):
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                running.remove(pid)
                code = os.waitstatus_to_exitcode(status)
                _tell({"pid": pid, "code": code, "cpu_s": usage.ru_utime + usage.ru_stime, "at": time.monotonic()})
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def _tell(news: Mapping[str, object]) -> None:
    os.write(1, json.dumps(news).encode() + b"\n")


def _be_the_child(request: dict[str, Any]) -> None:
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{request['folder']}/{name}", os.O_WRONLY | os.O_CREAT), number)
        os.environ.update(request["env"])
        if request["max_file_bytes"] is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (request["max_file_bytes"],) * 2)
        code = _call(request["function"], request["arguments"])
    except BaseException:  # noqa: BLE001 - as the interpreter would, and never back into the loop
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _call(function: str, arguments: Sequence[Any]) -> int:
    from tests.reliability import children

    return int(getattr(children, function)(*arguments) or 0)


if __name__ == "__main__":
    serve()
