"""Jaeger's connector keeps the contract, at the root of a host and under a prefix."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from andon.connectors import Need
from andon.connectors.jaeger import JaegerConnector
from andon.telemetry import Window
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.jaeger import JaegerImitation
from contract.traces import NOW, SPANS


class TestJaeger(ConnectorContract):
    connector = JaegerConnector
    imitation = partial(JaegerImitation.of_spans, SPANS)
    need = Need(Window(NOW - 1000, NOW - 300))


class TestVictoriaTraces(ConnectorContract):
    connector = JaegerConnector
    imitation = partial(JaegerImitation.of_spans, SPANS, prefix="/select/jaeger")
    need = Need(Window(NOW - 1000, NOW - 300))
    options: ClassVar[dict[str, Any]] = {"url": "{url}/select/jaeger"}
