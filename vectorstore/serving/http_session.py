"""Requests to a Chroma server that wait for one that restarts, and for none longer than they may.

Chroma's own session has no timeout at all: asked of a server that is silent it waits for ever.
"""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from vectorstore.errors import IndexFault, ServerUnreachable
from vectorstore.serving.address import Server

# Even with the patience used up one request is let run so long, to find a server that is back.
_LEAST_S = 1.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0
# A server that failed is given all the patience again when it was left alone for so long.
_FORGET_S = 30.0
_MOST_BYTES = 256 * 1024 * 1024
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class PatientSession(httpx.Client):
    """In place of the session of Chroma's client. All of its requests may be repeated.

    A question makes several requests, which share the server's patience. ``reply_s`` is how long a reply may take
    beyond that; for writers, since the server answers when all is indexed. Raises ServerUnreachable when patience ends
    and IndexFault for an answer that will not get better.
    """

    def __init__(self, server: Server, reply_s: float = 0.0) -> None:
        # With a transport of its own it asks no proxy: those are for other machines.
        super().__init__(headers=dict(server.headers), transport=httpx.HTTPTransport() if server.is_local else None)
        self._server = server
        self._reply_s = reply_s
        self._guard = threading.Lock()
        self._failing: tuple[float, float] | None = None

    def request(self, method: str, url: httpx.URL | str, **kwargs: Any) -> httpx.Response:
        until = self._patience_ends()
        pause = _FIRST_PAUSE_S
        while True:
            try:
                with _translated(self._server.url):
                    response = self._once(method, url, max(_LEAST_S, until - time.monotonic()), kwargs)
                self._failing = None
                return response
            except ServerUnreachable:
                self._failed()
                if time.monotonic() + pause >= until:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _patience_ends(self) -> float:
        now = time.monotonic()
        with self._guard:
            if self._failing is not None and now - self._failing[1] < _FORGET_S:
                return self._failing[0] + self._server.patience_s
        return now + self._server.patience_s

    def _failed(self) -> None:
        now = time.monotonic()
        with self._guard:
            known = self._failing
            fresh = known is None or now - known[1] >= _FORGET_S
            self._failing = (now if fresh or known is None else known[0], now)

    def _once(self, method: str, url: httpx.URL | str, patience_s: float, kwargs: dict[str, Any]) -> httpx.Response:
        ends = time.monotonic() + patience_s + self._reply_s
        parts: list[bytes] = []
        size = 0
        timeout = httpx.Timeout(patience_s + self._reply_s, connect=patience_s, pool=patience_s)
        with self.stream(method, url, timeout=timeout, **kwargs) as response:
            # Each read has its own timeout; a reply that drips must end too.
            for part in response.iter_bytes():
                size += len(part)
                if time.monotonic() > ends:
                    raise ServerUnreachable(f"the Chroma server at {self._server.url} answers too slowly")
                if size > _MOST_BYTES:
                    raise IndexFault(f"the Chroma server at {self._server.url} sends more than it was asked for")
                parts.append(part)
        whole = httpx.Response(response.status_code, content=b"".join(parts), request=response.request)
        self._judge(whole)
        return whole

    def _judge(self, response: httpx.Response) -> None:
        status, where = response.status_code, self._server.url
        if status in (401, 403, 407):
            raise IndexFault(
                f"the Chroma server at {where} refuses the credentials; check ISISK_QA_STORE_TOKEN or "
                "ISISK_QA_STORE_AUTH"
            )
        if status in _PASSING:
            raise ServerUnreachable(f"the Chroma server at {where} fails with status {status}")
        if not (200 <= status < 300 or (status >= 400 and _is_chromas(response))):
            raise IndexFault(f"what answers at {where} is no Chroma server: it sent status {status}")


def _is_chromas(response: httpx.Response) -> bool:
    """Whether an error is one of Chroma's own, for its client to read."""
    try:
        return isinstance(response.json()["error"], str)
    except (ValueError, LookupError, TypeError):
        return False


@contextmanager
def _translated(where: str) -> Iterator[None]:
    try:
        yield
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, httpx.StreamError) as error:
        raise IndexFault(f"the Chroma server at {where} cannot be asked ({type(error).__name__})") from None
    except httpx.HTTPError as error:
        if _has_untrusted_certificate(error):
            raise IndexFault(f"the certificate of the Chroma server at {where} is not trusted") from None
        raise ServerUnreachable(f"the Chroma server at {where} does not answer") from None


def _has_untrusted_certificate(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None
