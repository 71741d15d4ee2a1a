"""Recorded spans, and a connector to an imitation that holds them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from andon.connectors import Session, open_class
from andon.connectors.jaeger import JaegerConnector
from andon.telemetry import Span, SpanKind, Spans
from andon.testing.imitations.jaeger import JaegerImitation

START = 1_781_863_000.0


@pytest.fixture(scope="session")
def spans_of() -> Callable[..., Spans]:
    """So many traces of three spans each, evenly at random over some seconds; every tenth fails."""

    def make(traces: int, seconds: float, *, start: float = START, seed: int = 1) -> Spans:
        chance, found = random.Random(seed), []
        for number in range(traces):
            begin = start + round(chance.random() * seconds, 6)
            identity = f"{chance.getrandbits(128) | 1 << 127:032x}"
            for at, service in enumerate(["gateway", "gateway", "pay"]):
                found.append(
                    Span(
                        identity,
                        f"{number * 3 + at + 1:016x}",
                        f"{number * 3 + at:016x}" if at else "",
                        service,
                        f"op {at}",
                        SpanKind.CLIENT if at == 1 else SpanKind.SERVER,
                        begin + at / 1000,
                        0.02,
                        number % 10 == 0,
                        "pay" if at == 1 else "",
                        "boom" if number % 10 == 0 else "",
                    )
                )
        return Spans.of(found)

    return make


@pytest.fixture
def jaeger() -> Iterator[Callable[..., tuple[JaegerConnector, JaegerImitation]]]:
    """Opens a connector to a server that holds the spans; `config` holds further keys of its configuration."""
    with ExitStack() as stack:

        def open_(
            spans: Spans, *, config: Any = None, limits: Any = None, **options: Any
        ) -> tuple[JaegerConnector, JaegerImitation]:
            server = stack.enter_context(JaegerImitation.of_spans(spans, **options))
            session = stack.enter_context(Session(30.0))
            keys = {
                "url": server.url + server.prefix,
                "limits": {"retries": 0, "slices": 30} | (limits or {}),
                **(config or {}),
            }
            connector = open_class(JaegerConnector, "traces", keys, session)
            assert isinstance(connector, JaegerConnector)
            return connector, server

        yield open_
