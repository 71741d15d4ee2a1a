"""Why there was no answer, in words that help the reader."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TypeVar

import httpx2

from andon.connectors.unanswered import Unanswered

__all__ = ["SLOW", "refusal", "told"]

E = TypeVar("E", bound=BaseException)

_QUOTED = 200
"""Characters of a source's own words that are quoted."""
_READ = 1 << 16
"""Bytes in which they are looked for."""
_NO_TLS = frozenset(["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"])
"""What OpenSSL's releases call an answer that is not TLS at all."""
SLOW = "it may hang or be overloaded; if it is well, look at less, or raise limits.timeout"
"""What to do about a source that takes too long."""


def refusal(error: httpx2.HTTPError | OSError) -> tuple[Unanswered, bool]:
    """What a failed exchange means, and whether it is worth another attempt."""
    tls = _caused_by(error, ssl.SSLError)
    if tls is not None:
        return _untrusted(tls), False
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        reason = (
            "no connection within the time"
            if isinstance(error, httpx2.ConnectTimeout)
            else "cannot be reached"
        )
        cause = _caused_by(error, OSError)
        words = f"{reason} ({cause.strerror})" if cause is not None and cause.strerror else reason
        return Unanswered(words, hint="check `url`, and whether it is up"), True
    if isinstance(error, httpx2.TimeoutException):
        return Unanswered("stopped answering", hint=SLOW), False
    if isinstance(error, httpx2.DecodingError):
        return Unanswered("answered with a body that cannot be unpacked"), False
    if isinstance(error, httpx2.TransportError | OSError):
        return Unanswered(
            f"broke off the connection ({type(error).__name__})", hint="it may be restarting"
        ), True
    return Unanswered(f"could not be asked ({type(error).__name__})"), False


def _untrusted(tls: ssl.SSLError) -> Unanswered:
    reason = getattr(tls, "verify_message", "") or getattr(tls, "reason", "") or "handshake failed"
    if reason in _NO_TLS:
        return Unanswered(
            f"the port speaks plain http, as it seems, and not https ({reason})",
            hint="write http:// in `url`, or name the port that speaks https",
        )
    hint = "name the authority that signed it under tls.ca, or a client certificate under tls.cert"
    return Unanswered(f"the TLS connection cannot be trusted ({reason})", hint=hint)


def _caused_by(error: BaseException, kind: type[E]) -> E | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, kind):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def told(body: bytes, hide: Callable[[str], str] = str) -> str:
    """The beginning of a body on one line, for a message; `hide` removes secrets before it is shortened."""
    text = " ".join(hide(body[:_READ].decode("utf-8", "replace")).split())
    return text[:_QUOTED] + ("…" if len(text) > _QUOTED else "")
