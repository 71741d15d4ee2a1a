"""When a model's server is asked once more, and after how long."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

__all__ = ["pause", "stated"]

_ATTEMPTS, _CONNECTIONS = 6, 3
"""Requests at most, the first included: where the server answers, and where the connection breaks."""
_AGAIN = frozenset([408, 429, 500, 502, 503, 504, 529])
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 16.0
_DELAY = re.compile(rb'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')
_IN_VAIN = re.compile(rb"insufficient_quota|billing_hard_limit|enforced_spend_limit_reached|PerDay")
"""How OpenAI, Anthropic and Google say, in a 429, that no waiting of ours will help."""


def pause(
    attempt: int, left: float, status: int = 0, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> float | None:
    """Seconds to wait before asking again, None when it should not be: final, too often, or not in the time left.

    `attempt` counts from 0; `status` 0 stands for a connection that broke. A server's own wish
    (`retry-after-ms`, `retry-after`, Google's `RetryInfo`, `x-should-retry`) comes before our back-off, which
    doubles, with jitter.
    """
    headers = headers or {}
    if attempt + 1 >= (_ATTEMPTS if status else _CONNECTIONS) or (status and status not in _AGAIN):
        return None
    if headers.get("x-should-retry") == "false" or (status == 429 and _IN_VAIN.search(body)):
        return None
    wish = stated(headers, body) if status else None
    backoff = random.uniform(0.5, 1.0) * min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt)
    wait = backoff if wish is None else wish
    return wait if wait < left else None


def stated(headers: Mapping[str, str], body: bytes = b"") -> float | None:
    """Seconds that the server asks to wait: RFC 9110 section 10.2.3, milliseconds, or google.rpc.RetryInfo."""
    milliseconds, after = headers.get("retry-after-ms", ""), headers.get("retry-after", "").strip()
    if milliseconds.isdecimal():
        return int(milliseconds) / 1000
    if re.fullmatch(r"\d+(\.\d+)?", after):
        return float(after)
    if (delay := _DELAY.search(body)) is not None:
        return float(delay[1])
    try:
        at = parsedate_to_datetime(after)
    except (ValueError, TypeError):
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - time.time())
