"""What an endpoint did wrong -> one typed error, one sentence that says what to do. Knows no SDK."""

import re
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Literal

from qa.chat import Reply
from qa.errors import (
    AuthenticationError,
    BadReplyError,
    DeadlineError,
    ModelError,
    RateLimitError,
    RequestRefusedError,
    UnreachableError,
)

MAX_REPLY_CHARS = 100_000
_MAX_DETAIL = 200
# The names that endpoints use for "I had finished"; any other reason means that something is missing.
_FINISHED = frozenset({"stop", "end_turn", "eos", "stop_sequence"})
_TOO_LONG = re.compile(r"context.?(length|size|window)|maximum context|too (long|large|many tokens)", re.I)
_KEYLIKE = re.compile(r"\bsk-[\w*.-]+")
_SECONDS = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Symptom:
    """What was seen of a failed call.

    ``kind``: an HTTP status (or an error reported inside a stream, with the status it names or 0), a
    connection that was not made, a wait that ran out while connecting or later, or a connection that broke
    off. ``detail``, ``code`` and ``param`` are the endpoint's own words; ``causes`` the exceptions behind
    it.
    """

    kind: Literal["status", "connect", "connect_timeout", "timeout", "broken"]
    status: int = 0
    detail: str = ""
    code: str = ""
    param: str = ""
    retry_after: str = ""
    causes: tuple[BaseException, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """``passing``: asking again may help, not before ``retry_after`` seconds where the endpoint said so."""

    error: ModelError
    passing: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Names faults of one model at one endpoint. ``where`` is its host; no message holds ``secret``."""

    model: str
    where: str
    secret: str | None = None

    def name(self, symptom: Symptom) -> Fault:
        """The fault behind a symptom."""
        if symptom.kind == "status":
            return self._of_status(symptom)
        if symptom.kind == "broken":
            broken = BadReplyError(f"{self.where} broke off the connection before its reply was complete; ask again.")
            return Fault(broken, passing=True)
        if symptom.kind == "timeout":
            return Fault(DeadlineError(f"{self.where} did not reply in time; ask again."))
        return Fault(UnreachableError(self._of_connection(symptom)))

    def _of_connection(self, symptom: Symptom) -> str:
        if any(isinstance(cause, socket.gaierror) for cause in symptom.causes):
            return f"There is no host {self.where} to be found; check ISISK_QA_BASE_URL and the network."
        if any(isinstance(cause, ssl.SSLError) for cause in symptom.causes):
            return f"{self.where} offers no trusted TLS connection; check its certificate or ISISK_QA_BASE_URL."
        if symptom.kind == "connect_timeout":
            return f"{self.where} did not accept a connection in time; check ISISK_QA_BASE_URL and the network."
        return f"Nothing answers at {self.where}; start the model's server, or correct ISISK_QA_BASE_URL."

    def _of_status(self, symptom: Symptom) -> Fault:
        status, said = symptom.status, self._quoted(symptom.detail)
        if status in (401, 403):
            return Fault(
                AuthenticationError(
                    f"{self.where} refused the key (HTTP {status}); check ISISK_QA_API_KEY.", lasting=True
                )
            )
        if status == 429:
            return self._of_rate(symptom)
        if status == 413 or (status in (400, 422) and _TOO_LONG.search(f"{symptom.code} {symptom.detail}")):
            return Fault(
                RequestRefusedError(
                    f"The question with its passages is too long for {self.model} at {self.where}; "
                    f"lower ISISK_QA_PASSAGES or choose a model that takes more{said}."
                )
            )
        if status == 404:
            return Fault(
                RequestRefusedError(
                    f"{self.where} has no model {self.model!r} at this address; check ISISK_QA_MODEL, and "
                    f"ISISK_QA_BASE_URL, which often ends in /v1{said}.",
                    lasting=True,
                )
            )
        if 300 <= status < 400:
            return Fault(
                RequestRefusedError(
                    f"{self.where} points to another address; set ISISK_QA_BASE_URL to that one.", lasting=True
                )
            )
        if status == 408 or status >= 500:
            wait = seconds_to_wait(symptom.retry_after)
            failed = ModelError(f"{self.where} failed (HTTP {status}); ask again {_when(wait)}{said}.")
            return Fault(failed, passing=True, retry_after=wait)
        if status:
            return Fault(
                RequestRefusedError(f"{self.where} refused the request (HTTP {status}); check ISISK_QA_MODEL{said}.")
            )
        return Fault(ModelError(f"{self.where} reported a failure in the middle of its reply; ask again{said}."))

    def _of_rate(self, symptom: Symptom) -> Fault:
        if "quota" in f"{symptom.code} {symptom.detail}".lower():
            used_up = f"The quota at {self.where} is used up; look at the account's billing."
            return Fault(RateLimitError(used_up, lasting=True))
        wait = seconds_to_wait(symptom.retry_after)
        limited = RateLimitError(f"{self.where} takes no more requests at the moment; ask again {_when(wait)}.")
        return Fault(limited, passing=True, retry_after=wait)

    def unreadable(self) -> Fault:
        """For a body that is no chat completion: a web page, cut-off JSON, no choices."""
        return Fault(
            BadReplyError(
                f"{self.where} sent something that is no chat completion; "
                "check ISISK_QA_BASE_URL, which often ends in /v1."
            )
        )

    def checked(self, reply: Reply, *, beginning: bool = False) -> Reply:
        """The reply, when it is complete, or ``beginning`` and cut off at its limit. Raises BadReplyError."""
        if len(reply.text) > MAX_REPLY_CHARS:
            raise BadReplyError(f"The reply of {self.model} would not end; ask again or choose another model.")
        if reply.cut_off:
            if beginning and reply.text.strip():
                return reply
            raise BadReplyError(
                f"The reply of {self.model} was cut off at its length limit; raise ISISK_QA_MAX_TOKENS."
            )
        if reply.finish_reason == "content_filter":
            raise BadReplyError(f"{self.where} withheld the reply (content filter); ask differently.")
        if not reply.finish_reason and not reply.text.strip():
            raise self.unreadable().error
        if reply.finish_reason not in _FINISHED:
            raise BadReplyError(f"The reply of {self.model} stopped before its end; ask again.")
        if not reply.text.strip():
            raise BadReplyError(f"{self.model} sent an empty reply; ask again or choose another model.")
        return reply

    def _quoted(self, detail: str) -> str:
        words = detail.replace(self.secret, "***") if self.secret else detail
        words = " ".join("".join(c if c.isprintable() else " " for c in _KEYLIKE.sub("***", words)).split())
        if len(words) > _MAX_DETAIL:
            words = words[: _MAX_DETAIL - 1] + "…"
        return f" (it said: {words.rstrip('.')})" if words else ""


def _when(wait: float | None) -> str:
    if wait is None:
        return "later"
    # Rounded up, so that whoever keeps to it is not too early.
    return f"in {ceil(wait)} s" if wait <= 90 else f"in {ceil(wait / 60)} min"


def seconds_to_wait(header: str) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date (RFC 9110, 10.2.3); None for anything else."""
    header = header.strip()
    if _SECONDS.fullmatch(header):
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
