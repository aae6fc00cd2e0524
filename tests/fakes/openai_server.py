"""An OpenAI-compatible endpoint on a real loopback socket, which does whatever a test tells it to.

Each request takes the next scripted step; with none left it answers as ``OpenAIServer.answer`` says. One for log
probabilities is answered with "Yes", and told them as ``OpenAIServer.likely`` says.
"""

import base64
import hashlib
import json
import math
import os
import select
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Literal

Kind = Literal["say", "raw", "reset", "silence", "stall", "drip", "drip_head"]
DIMENSION = 8


@dataclass(frozen=True)
class Step:
    """What to do with one request.

    ``say`` replies with ``text``; ``raw`` sends ``status``, ``headers`` and ``body`` as they are. The rest
    start the reply of ``say``: ``reset`` breaks the connection half way, ``stall`` sends half and stops,
    ``silence`` sends nothing at all, ``drip`` and ``drip_head`` send the body or the head one byte in
    ``pause_s`` seconds.
    """

    kind: Kind = "say"
    text: str = ""
    finish_reason: str | None = "stop"
    choices: bool = True
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    pause_s: float = 1.0


def error(status: int, message: str = "no", headers: Mapping[str, str] | None = None, **fields: str) -> Step:
    """A JSON error as OpenAI sends it."""
    body = json.dumps({"error": {"message": message, **fields}}).encode()
    return Step("raw", status=status, headers={"Content-Type": "application/json", **(headers or {})}, body=body)


@dataclass(frozen=True)
class Request:
    """What came in; names of headers are found in any case."""

    method: str
    path: str
    headers: Message
    json: dict[str, Any]


class OpenAIServer:
    """The endpoint: ``url`` is its base URL, ``requests`` is what came in, ``models`` what it lists."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.models = ["fake-model"]
        self.answer: str | Callable[[dict[str, Any]], str] = "The group had 3,000 fighters [1]."
        # The log-odds of "Yes"; None from an endpoint that tells no probabilities.
        self.likely: Callable[[dict[str, Any]], float | None] = lambda _: None
        self.closing = Event()
        # A client has left a reply that hung.
        self.left = Event()
        self._steps: deque[Step] = deque()
        server = self

        class Handler(_Handler):
            fake = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # Joined at the end, so that no test leaves a socket behind.
        self._http.daemon_threads = False
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def script(self, *steps: Step) -> None:
        """Take these steps for the next requests, one each."""
        self._steps.extend(steps)

    def next_step(self, request: dict[str, Any]) -> Step:
        if self._steps:
            return self._steps.popleft()
        if request.get("logprobs"):
            return Step(text="Yes", finish_reason="length")
        return Step(text=self.answer if isinstance(self.answer, str) else self.answer(request))

    @contextmanager
    def running(self) -> "Iterator[OpenAIServer]":
        self._thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    fake: OpenAIServer
    protocol_version = "HTTP/1.1"
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""

    def do_GET(self) -> None:
        self._take({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._take(json.loads(self.rfile.read(length) or b"{}"))

    def _take(self, request: dict[str, Any]) -> None:
        self.close_connection = True
        self.fake.requests.append(Request(self.command, self.path, self.headers, request))
        step = self.fake.next_step(request)
        # Many tests want the client to leave early.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._play(step, *self._reply(step, request))

    def _reply(self, step: Step, request: dict[str, Any]) -> tuple[bytes, bytes]:
        if step.kind == "raw":
            return _head(step.status, step.headers), step.body
        if self.path.endswith("/models"):
            body = _json({"object": "list", "data": [{"id": name, "object": "model"} for name in self.fake.models]})
        elif self.path.endswith("/embeddings"):
            body = _json(_embeddings(request))
        elif not self.path.endswith("/chat/completions"):
            return _head(404, {"Content-Type": "text/plain"}), b"404 page not found"
        elif request.get("stream"):
            return _head(200, {"Content-Type": "text/event-stream"}), _events(step, request)
        else:
            body = _json(_completion(step, request, self.fake.likely(request) if request.get("logprobs") else None))
        return _head(200, {"Content-Type": "application/json", "Content-Length": str(len(body))}), body

    def _play(self, step: Step, head: bytes, body: bytes) -> None:
        half = len(body) // 2
        if step.kind in ("say", "raw"):
            self.wfile.write(head + body)
        elif step.kind == "reset":
            self.wfile.write(head + body[:half])
            self.wfile.flush()
            self.fake.closing.wait(0.05)
            # Lingering for no time makes the system send a reset instead of an orderly end, if nothing ends
            # it before.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        elif step.kind == "silence":
            self._hang()
        elif step.kind == "stall":
            self.wfile.write(head + body[:half])
            self._hang()
        elif step.kind == "drip":
            self.wfile.write(head)
            self._drip(body, step.pause_s)
        else:
            self._drip(head + body, step.pause_s)

    def _hang(self) -> None:
        # The request has been read, so that only its client's end can still come in.
        while not self.fake.closing.is_set():
            if select.select([self.connection], [], [], 0.02)[0]:
                self.fake.left.set()
                return

    def _drip(self, data: bytes, pause_s: float) -> None:
        for start in range(len(data)):
            self.wfile.write(data[start : start + 1])
            if self.fake.closing.wait(pause_s):
                return


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Status",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _usage(text: str) -> dict[str, int]:
    return {
        "prompt_tokens": 10,
        "completion_tokens": len(text.split()),
        "total_tokens": 10 + len(text.split()),
    }


def _completion(step: Step, request: dict[str, Any], odds: float | None) -> dict[str, Any]:
    message = {"role": "assistant", "content": step.text}
    choice = {"index": 0, "message": message, "finish_reason": step.finish_reason}
    if odds is not None:
        words = {"Yes": -math.log1p(math.exp(-odds)), "No": -math.log1p(math.exp(odds))}
        likeliest = [{"token": word, "logprob": value, "bytes": None} for word, value in words.items()]
        choice["logprobs"] = {"content": [{**likeliest[0], "top_logprobs": likeliest}]}
    return {
        "id": "fake-1",
        "object": "chat.completion",
        "created": 0,
        "model": request.get("model"),
        "choices": [choice] if step.choices else [],
        "usage": _usage(step.text),
    }


def _events(step: Step, request: dict[str, Any]) -> bytes:
    def event(choices: list[dict[str, Any]], **more: object) -> str:
        chunk = {
            "id": "fake-1",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": request.get("model"),
        }
        return f"data: {json.dumps({**chunk, 'choices': choices, **more})}\n\n"

    def delta(finish_reason: str | None = None, **fields: str) -> list[dict[str, Any]]:
        return [{"index": 0, "delta": fields, "finish_reason": finish_reason}] if step.choices else []

    words = step.text.split(" ")
    pieces = [word if n == 0 else f" {word}" for n, word in enumerate(words)]
    events = [event(delta(role="assistant", content="")), *(event(delta(content=piece)) for piece in pieces)]
    if step.finish_reason:
        events.append(event(delta(step.finish_reason)))
    if (request.get("stream_options") or {}).get("include_usage"):
        events.append(event([], usage=_usage(step.text)))
    return "".join([*events, "data: [DONE]\n\n"]).encode()


def _embeddings(request: dict[str, Any]) -> dict[str, Any]:
    given = request.get("input", [])
    texts = [given] if isinstance(given, str) else given
    data = []
    for index, text in enumerate(texts):
        digest = hashlib.sha256(str(text).encode()).digest()
        vector = [byte / 255 - 0.5 for byte in digest[:DIMENSION]]
        packed = base64.b64encode(struct.pack(f"<{DIMENSION}f", *vector)).decode()
        value = packed if request.get("encoding_format") == "base64" else vector
        data.append({"object": "embedding", "index": index, "embedding": value})
    return {"object": "list", "data": data, "model": request.get("model"), "usage": _usage("")}
