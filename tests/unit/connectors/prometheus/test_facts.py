from __future__ import annotations

from andon.connectors import Session, open_class
from andon.connectors.prometheus import PrometheusConnector
from andon.connectors.prometheus.api import Flavour
from andon.connectors.prometheus.facts import Facts, Inquiry
from andon.telemetry import Window
from andon.testing.imitation import Fault
from andon.testing.imitations.prometheus import PrometheusImitation
from andon.testing.imitations.promql import StoredSeries

WINDOW = Window(9_000.0, 12_600.0)
TIMES = [9_003.0 + 30 * i for i in range(120)]
SERIES = [StoredSeries({"__name__": "up", "job": j}, TIMES, [1.0] * 120) for j in ("a", "b")]


def facts(server: PrometheusImitation, interval: float | None = None) -> tuple[Facts, dict[str, int]]:
    with Session(10.0) as session:
        limits = {"retries": 0}
        connector = open_class(PrometheusConnector, "p", {"url": server.url, "limits": limits}, session)
        inquiry = Inquiry(connector.api, session, 2, (), WINDOW)
        return inquiry.facts(["up"], interval), inquiry.counts(["up"], ("job",))


def test_what_is_known() -> None:
    with PrometheusImitation(SERIES, types={"up": "gauge"}) as server:
        found, counts = facts(server)
    assert found.interval == 30.0 and found.types == {"up": ("gauge", "")} and counts == {"up": 2}
    assert found.there(("service", "job", "job")) == ("job",) and found.flavour is Flavour.PROMETHEUS


def test_what_cannot_be_known_is_replaced() -> None:
    with PrometheusImitation(SERIES, fault=Fault.BROKEN) as server:
        found, counts = facts(server)
        stated, _ = facts(server, 15.0)
    assert found.interval == 0.0 and found.types == {} and counts == {} and stated.interval == 15.0
    assert found.there(("service", "job")) == ("service", "job"), "a label that nobody knows does no harm"
