from __future__ import annotations

import pytest

from andon.connectors.reading import Reading
from andon.connectors.tempo.density import Gauge
from andon.connectors.tempo.searches import Searches
from andon.telemetry import Window

T = 1_781_863_000.0


def gauge(connector) -> Gauge:
    return Gauge(Searches(connector.wire), connector.session, Reading("t"), "{ }", 4)


def test_few_traces_are_counted_in_one_request(tempo, spans_of) -> None:
    connector, server = tempo(spans_of(300, 3600))
    found = gauge(connector).density(Window(T, T + 1800))
    assert len(server.asked) == 1
    assert found.traces == pytest.approx(150, rel=0.2) and found.size == 3


@pytest.mark.parametrize("metrics", [True, False])
def test_many_are_estimated(tempo, spans_of, metrics: bool) -> None:
    connector, server = tempo(spans_of(6000, 3600), metrics=metrics)
    found = gauge(connector).density(Window(T, T + 3600))
    assert found.spans == pytest.approx(18_000, rel=0.05 if metrics else 0.3)
    assert found.size == pytest.approx(3, rel=0.01)
    assert server.sent < 600_000


def test_a_burst_between_the_probes_counts(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(1500, 1.0, start=T + 777), metrics=False)
    assert gauge(connector).density(Window(T, T + 3600)).traces >= 1000
