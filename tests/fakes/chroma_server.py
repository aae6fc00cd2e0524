"""A real Chroma server in a process of its own, on a free loopback port, to be killed and started again."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from vectorstore.serving.address import TENANT, Server, make_server

_STARTS_WITHIN_S = 60.0


class ChromaServer:
    """``folder`` is where it keeps its data. A context manager that starts and ends it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, wait: bool = True) -> None:
        command = Path(sys.executable).with_name("chroma")
        arguments = ["run", "--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder.parent
        )
        began = time.monotonic()
        while wait and not self._answers():
            assert self._process.poll() is None, "chroma run ended by itself"
            assert time.monotonic() - began < _STARTS_WITHIN_S
            time.sleep(0.05)

    def kill(self) -> None:
        """As kill -9 does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def database(self, patience_s: float = 10.0) -> Server:
        """A new, empty database of it."""
        name = f"test-{uuid4().hex[:12]}"
        body = json.dumps({"name": name}).encode()
        address = f"{self.url}/api/v2/tenants/{TENANT}/databases"
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as reply:
            assert reply.status == 200
        return make_server(self.url, database=name, patience_s=patience_s)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
