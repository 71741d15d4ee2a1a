"""GitHub's REST API: pages by Link header, and rate limits, which it answers with 403 as it does with refusals.

After the documentation of the REST API (rate limits, pagination): the primary limit is told by
`x-ratelimit-remaining: 0` and `x-ratelimit-reset`, a secondary one by `retry-after` or by its message alone, after
which one is to wait a minute.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply, Wire
from andon.connectors.wire.refusals import told
from andon.telemetry import Status, clock

__all__ = ["PAGE", "GitHubApi", "next_page", "strange"]

PAGE = 100
"""The most that a page holds."""
_UNSTATED_WAIT = 60.0
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,<]*\brel="?next"?')
_UNDERSTOOD = frozenset([403, 404, 409, 429])

Params = Sequence[tuple[str, str]]


class GitHubApi:
    """Asks for JSON, each thing once in a session; waits for a rate limit where the time of the run allows."""

    def __init__(self, wire: Wire, session: Session) -> None:
        self._wire = wire
        self._session = session

    def get(self, path: str, params: Params = ()) -> Reply:
        """The reply, 200 or 409 (an empty repository). Raises Unanswered, FAILED and not DENIED for rate limits."""
        key = (self._wire.source, "rest", path, tuple(params))
        return self._session.once(key, lambda: self._patiently(path, params))

    def pages(self, path: str, params: Params = ()) -> Iterator[tuple[list[Any], Reply]]:
        """The items of page after page; the address of the next one is taken only for its parameters."""
        asked: Params = (*params, ("per_page", str(PAGE)))
        seen: set[Params] = set()
        while asked and asked not in seen:
            seen.add(asked)
            reply = self.get(path, asked)
            items = [] if reply.status == 409 else reply.json()
            if not isinstance(items, list):
                raise strange()
            yield items, reply
            asked = next_page(reply.headers)

    def _patiently(self, path: str, params: Params) -> Reply:
        reply = self._wire.get(path, params, fresh=True, accept=_UNDERSTOOD)
        wait = self._wait(reply)
        if wait is not None and wait < self._session.remaining():
            self._session.sleep(wait)
            reply = self._wire.get(path, params, fresh=True, accept=_UNDERSTOOD)
            wait = self._wait(reply)
        if wait is not None:
            raise Unanswered(
                f"has no requests left for us until {clock(self._now() + wait)} UTC ({reply.status}, rate limit)",
                hint="sign in, ask for fewer repositories or commits, or try again then",
            )
        if reply.status in (403, 404):
            raise self._refused(reply)
        return reply

    def _refused(self, reply: Reply) -> Unanswered:
        if reply.status == 404:
            return Unanswered(
                "is not there, or hidden from us (404)",
                status=Status.DENIED,
                hint="check the name, and that the token may read this repository",
            )
        said = self._session.vault.hide(told(reply.body))
        return Unanswered(
            f"does not allow this (403): {said}",
            status=Status.DENIED,
            hint="the token needs the repository permissions Contents: read and Deployments: read",
        )

    def _wait(self, reply: Reply) -> float | None:
        """Seconds until it may be asked again, None when this is no rate limit."""
        if reply.status not in (403, 429):
            return None
        after = reply.headers.get("retry-after", "")
        if after.isdecimal():
            return float(after)
        reset = reply.headers.get("x-ratelimit-reset", "")
        if reply.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
            return max(1.0, float(reset) - self._now())
        if reply.status == 429 or b"secondary rate limit" in reply.body:
            return _UNSTATED_WAIT
        return None

    def _now(self) -> float:
        """The time by its clock."""
        return time.time() + (self._wire.skew or 0.0)


def next_page(headers: Mapping[str, str]) -> Params:
    """The parameters of the next page, none when this was the last (RFC 8288, `rel="next"`)."""
    match = _NEXT.search(headers.get("link", ""))
    return tuple(parse_qsl(urlsplit(match[1]).query, keep_blank_values=True)) if match else ()


def strange() -> Unanswered:
    """An answer of another shape."""
    return Unanswered("answers, but not as GitHub's API does", hint="is `url` that of the API?")
