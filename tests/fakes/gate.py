"""A proxy on a real loopback socket in front of a server: it asks for a header, speaks TLS, or breaks down as told."""

import http.client
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Literal

# ``pass`` asks the server behind; ``drip`` sends a byte a pause for ever, ``silence`` nothing, ``cut`` half a reply.
Step = Literal["pass", "silence", "drip", "cut"] | int


@dataclass
class Gate:
    """``wanted``: header and value without which it answers 401. ``steps``: one for each next request; then ``pass``.

    A number is a status that is sent with a page of HTML.
    """

    port: int = 0
    wanted: tuple[str, str] | None = None
    steps: deque[Step] = field(default_factory=deque)
    certificate: tuple[Path, Path] | None = None
    seen: list[tuple[str, Message]] = field(default_factory=list)
    closing: Event = field(default_factory=Event)
    url: str = ""

    @contextmanager
    def open(self) -> "Iterator[Gate]":
        gate = self

        class Handler(_Handler):
            pass

        Handler.gate = gate
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = False
        scheme = "http"
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    gate: Gate
    protocol_version = "HTTP/1.1"
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""

    def do_GET(self) -> None:
        self._take()

    do_POST = do_PUT = do_DELETE = do_GET

    def _take(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.gate.seen.append((f"{self.command} {self.path}", self.headers))
        wanted = self.gate.wanted
        step: Step = self.gate.steps.popleft() if self.gate.steps else "pass"
        if wanted is not None and self.headers.get(wanted[0]) != wanted[1]:
            step = 401
        # The client may leave early.
        with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self._play(step, body)

    def _play(self, step: Step, body: bytes) -> None:
        if step == "silence":
            self.gate.closing.wait()
        elif step == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not self.gate.closing.wait(0.02):
                self.wfile.write(b" ")
        elif step == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        elif isinstance(step, int):
            self._reply(step, b"<html>no</html>")
        else:
            self._reply(*self._ask(body))

    def _ask(self, body: bytes) -> tuple[int, bytes]:
        server = http.client.HTTPConnection("127.0.0.1", self.gate.port, timeout=60)
        try:
            server.request(self.command, self.path, body, {"Content-Type": "application/json"})
            reply = server.getresponse()
            return reply.status, reply.read()
        except OSError:
            return 502, b""
        finally:
            server.close()

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
