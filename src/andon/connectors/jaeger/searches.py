"""Searches for the traces of a service, cut until Jaeger answers them whole."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

from andon.connectors.jaeger.answers import Found, found
from andon.connectors.jaeger.config import JaegerScope
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Wire
from andon.telemetry import Status, Window

__all__ = ["Searches"]

_LIMIT = 200
_ROWS = 3
"""Jaeger on Cassandra reads so many spans for each trace of the limit, and answers with the traces that they are of."""
_SHORTEST = 0.001
"""Seconds: a search that is cut off in so short a time is left as it is."""


class Searches:
    """Asks one Jaeger for traces that a service takes part in."""

    def __init__(self, wire: Wire, scope: JaegerScope) -> None:
        self.wire = wire
        self.scope = scope

    def search(self, service: str, window: Window, limit: int) -> Found:
        """Up to `limit` whole traces in which a span of the service starts in the window. Raises Unanswered."""
        params = {
            "service": service,
            "start": math.floor(window.start * 1e6),
            "end": math.ceil(window.end * 1e6),
            "limit": limit,
        }
        if self.scope.tags:
            params["tags"] = json.dumps(self.scope.tags, ensure_ascii=False)
        return found(self.wire.get("/api/traces", params), self.scope.admits)

    def every(self, service: str, window: Window) -> tuple[list[Found], bool]:
        """All of them, in as many parts as are needed, and whether that went without a cut.

        Jaeger does not say when it leaves traces out: an answer as long as the limit is asked again in halves.
        """
        long = window.seconds > _SHORTEST
        try:
            part = self.search(service, window, _LIMIT)
        except Unanswered as gap:
            if gap.status is not Status.TRUNCATED or not long:
                raise
        else:
            cut = part.listed >= _LIMIT or _spans(part, service, window) >= _ROWS * _LIMIT
            if not (cut and long):
                return [part], not cut
        middle = window.start + window.seconds / 2
        halves = Window(window.start, middle), Window(middle, window.end)
        answers = [self.every(service, half) for half in halves]
        return [one for parts, _ in answers for one in parts], all(whole for _, whole in answers)


def _spans(part: Found, service: str, window: Window) -> int:
    """Spans of the service that start in the window."""
    return _count(
        span.service == service and span.start in window for trace in part.traces for span in trace.spans
    )


def _count(true: Iterable[bool]) -> int:
    return sum(1 for one in true if one)
