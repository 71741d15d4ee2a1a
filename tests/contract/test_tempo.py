"""Tempo's connector keeps the contract."""

from __future__ import annotations

from functools import partial

from andon.connectors import Need
from andon.connectors.tempo import TempoConnector
from andon.telemetry import Window
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.tempo import TempoImitation
from contract.traces import NOW, SPANS


class TestTempo(ConnectorContract):
    connector = TempoConnector
    imitation = partial(TempoImitation.of_spans, SPANS)
    need = Need(Window(NOW - 1000, NOW - 300))
