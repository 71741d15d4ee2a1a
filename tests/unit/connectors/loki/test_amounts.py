"""How much there is, is asked before anything is read."""

from __future__ import annotations

import pytest

from andon.connectors import Reading, Session, open_class
from andon.connectors.loki import LokiConnector
from andon.connectors.loki.amounts import Amounts
from andon.telemetry import Window
from andon.testing.imitations.loki import LokiEntry, LokiImitation, LokiLimits, LokiStream

WINDOW = Window(1_781_863_000.0, 1_781_866_000.0)


def entries(count: int, text: str, level: str) -> LokiStream:
    metadata = {"detected_level": level} if level else {}
    gap = WINDOW.seconds / count
    moments = (int((WINDOW.start + i * gap) * 1e9) for i in range(count))
    return LokiStream({"app": text, "l": level}, tuple(LokiEntry(ns, text, metadata) for ns in moments))


def amounts(server: LokiImitation, scanned: int = 1 << 30) -> Amounts:
    with server, Session(20.0) as session:
        connector = open_class(LokiConnector, "loki", {"url": server.url}, session)
        assert isinstance(connector, LokiConnector)
        return Amounts.ask(connector.api, '{app=~".+"}', WINDOW, scanned, Reading("loki"), "")


def test_each_stratum_is_counted() -> None:
    streams = [
        entries(30, "x", "info"),
        entries(7, "y", "error"),
        entries(5, "failed", ""),
        entries(4, "fine", ""),
    ]
    found = amounts(LokiImitation(streams))
    assert dict(found.there) == {"severe": 7, "mild": 30, "severe words": 5, "mild words": 4}
    assert (found.severe, found.mild, found.share) == (12, 34, 1.0)


def test_where_all_records_have_a_level_words_are_not_asked_for() -> None:
    found = amounts(LokiImitation([entries(30, "failed", "info")]))
    assert set(found.queries) == {"mild"} and found.mild == 30


def test_counts_of_more_than_may_be_scanned_are_of_a_sample() -> None:
    found = amounts(
        LokiImitation([entries(9000, "x" * 20, "info"), entries(900, "y", "error")]), scanned=36_000
    )
    assert 0.05 < found.share < 0.2
    assert found.mild == pytest.approx(9000, rel=0.1) and found.severe == pytest.approx(900, rel=0.2)


def test_windows_that_are_too_much_at_once_are_halved() -> None:
    server = LokiImitation([entries(100, "x" * 10, "info")], limits=LokiLimits(max_query_bytes_read=300))
    assert amounts(server).mild == 100
