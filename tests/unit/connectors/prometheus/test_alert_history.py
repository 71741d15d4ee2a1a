from __future__ import annotations

from typing import Any

from andon.connectors import Need, Session, open_class
from andon.connectors.prometheus import PrometheusConnector
from andon.telemetry import Alert, Result, Status, Window
from andon.testing.imitations.prometheus import PrometheusImitation
from andon.testing.imitations.promql import StoredSeries

START = 1_781_863_200.0
WINDOW = Window(START, START + 3600)


def firing(first: float, points: int, **labels: str) -> list[StoredSeries]:
    """An alert that fires from `first` on for so many points, 100 s after its condition began to hold."""
    own = {"alertname": "Slow", "job": "shop/checkout", **labels}
    times = [first + 15 * i for i in range(points)]
    return [
        StoredSeries({"__name__": "ALERTS", "alertstate": "firing", **own}, times, [1.0] * points),
        StoredSeries({"__name__": "ALERTS_FOR_STATE", **own}, times, [first - 100] * points),
    ]


def read(series: list[StoredSeries], need: Need, **options: Any) -> Result[tuple[Alert, ...]]:
    with PrometheusImitation(series) as server, Session(30.0) as session:
        return open_class(PrometheusConnector, "prom", {"url": server.url, **options}, session).alerts(need)


def test_start_and_end_are_those_of_the_rule() -> None:
    result = read(firing(START + 600, 20), Need(WINDOW))
    (alert,) = result.value
    assert result.status is Status.OK and alert.start == START + 600 and alert.service == "checkout"
    assert alert.end is not None and alert.end > START + 885


def test_one_that_fired_before_began_when_its_condition_did() -> None:
    (alert,) = read(firing(START - 150, 400), Need(WINDOW)).value
    assert alert.start == START - 250 and alert.end is None


def test_long_windows_are_asked_for_in_parts() -> None:
    result = read(firing(START + 10_990, 4), Need(Window(START, START + 12_000), step=1.0))
    assert len(result.value) == 1 and result.value[0].start == START + 10_990
    assert len(result.fetches) == 2


def test_scope_and_services() -> None:
    series = (
        firing(START + 600, 20) + firing(START + 600, 20, job="hr/payroll") + firing(START + 600, 20, job="")
    )
    narrowed = read(series, Need(WINDOW, services=("checkout",)))
    assert sorted(alert.service for alert in narrowed.value) == ["", "checkout"], (
        "one of nobody may be of anybody"
    )
    scope = {"match": {"job": ["hr/payroll"]}}
    assert [a.service for a in read(series, Need(WINDOW), scope=scope).value] == ["payroll"]
    assert read(series, Need(WINDOW, services=("checkout",)), scope=scope).status is Status.DENIED
