"""Traces of two spans each, of the last quarter of an hour: what servers of traces hold in the contracts."""

from __future__ import annotations

import time

from andon.telemetry import Span, SpanKind, Spans

__all__ = ["NOW", "SPANS"]

NOW = float(int(time.time()))
SPANS = Spans.of(
    [
        Span(
            trace_id=f"{number // 2 + 1:032x}",
            span_id=f"{number + 1:016x}",
            parent_id=f"{number:016x}" if number % 2 else "",
            service="bff" if number % 2 else "gateway",
            name="unlock",
            kind=SpanKind.SERVER,
            start=NOW - 900 + number,
            duration=0.2,
            error=False,
        )
        for number in range(200)
    ]
)
