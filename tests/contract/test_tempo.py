"""Tempo's connector keeps the contract."""

from __future__ import annotations

import time
from functools import partial

from andon.connectors import Need
from andon.connectors.tempo import TempoConnector
from andon.telemetry import Span, SpanKind, Spans, Window
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.tempo import TempoImitation

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


class TestTempo(ConnectorContract):
    connector = TempoConnector
    imitation = partial(TempoImitation.of_spans, SPANS)
    need = Need(Window(NOW - 1000, NOW - 300))
