"""Recorded spans, and a connector to an imitation that holds them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from andon.connectors import Session, open_class
from andon.connectors.tempo import TempoConnector
from andon.telemetry import Span, SpanKind, Spans
from andon.testing.imitations.tempo import TempoImitation

START = 1_781_863_000.0


@pytest.fixture(scope="session")
def spans_of() -> Callable[..., Spans]:
    """So many traces of three spans each, evenly at random over some seconds; every tenth fails."""

    def make(traces: int, seconds: float, *, start: float = START, seed: int = 1) -> Spans:
        chance, found = random.Random(seed), []
        for number in range(traces):
            begin = start + round(chance.random() * seconds, 6)
            identity = f"{chance.getrandbits(120):032x}"
            for at, (service, kind) in enumerate(
                [("gateway", SpanKind.SERVER), ("gateway", SpanKind.CLIENT), ("pay", SpanKind.SERVER)]
            ):
                found.append(
                    Span(
                        identity,
                        f"{number * 3 + at + 1:016x}",
                        f"{number * 3 + at:016x}" if at else "",
                        service,
                        f"op {at}",
                        kind,
                        begin + at / 1000,
                        0.02,
                        number % 10 == 0,
                        "pay" if kind is SpanKind.CLIENT else "",
                        "boom" if number % 10 == 0 else "",
                    )
                )
        return Spans.of(found)

    return make


@pytest.fixture
def tempo() -> Iterator[Callable[..., tuple[TempoConnector, TempoImitation]]]:
    """Opens a connector to a server that holds the spans; `scope` and `limits` are its configuration."""
    with ExitStack() as stack:

        def open_(
            spans: Spans, *, scope: Any = None, limits: Any = None, **options: Any
        ) -> tuple[TempoConnector, TempoImitation]:
            server = stack.enter_context(TempoImitation.of_spans(spans, **options))
            session = stack.enter_context(Session(30.0))
            config = {
                "url": server.url,
                "scope": scope or {},
                "limits": {"retries": 0, "slices": 30} | (limits or {}),
            }
            connector = open_class(TempoConnector, "traces", config, session)
            assert isinstance(connector, TempoConnector)
            return connector, server

        yield open_
