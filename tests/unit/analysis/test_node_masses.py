from __future__ import annotations

import numpy as np
import pytest

from andon.analysis.node_masses import NodeMass, node_masses
from andon.telemetry import MetricSeries, Window

TIMES = 60.0 * np.arange(100)
BASELINE, INCIDENT = Window(0, 4800), Window(4800, 6000)


def series(
    name: str, before: float, after: float, service: str = "shop", unit: str = "", **labels: str
) -> MetricSeries:
    """A series that steps from one level to another when the incident begins."""
    noise = 1 + np.random.default_rng(9).normal(0, 0.01, len(TIMES))
    return MetricSeries(name, service, TIMES, np.where(TIMES < 4800, before, after) * noise, unit, labels)


def weighed(
    *many: MetricSeries, quantity: str = "delay", symptom: tuple[str, ...] = ("shop",)
) -> dict[str, NodeMass]:
    assert quantity in ("delay", "failures")
    found = node_masses(many, quantity, BASELINE, INCIDENT, symptom)
    return {mass.service: mass for mass in found}


def test_delay_is_seconds_times_requests() -> None:
    found = weighed(series("latency", 0.1, 0.6, unit="s"), series("requests", 30, 30))["shop"]
    assert found.added == pytest.approx(0.5 * 30 * 20, rel=0.05)
    assert found.requests == pytest.approx(30 * 20, rel=0.05)
    assert found.weight_series == "shop requests"
    assert found.added > 10 * found.noise


@pytest.mark.parametrize(("unit", "scale"), [("ms", 1e3), ("us", 1e6), ("s", 1)])
def test_the_unit_of_time_does_not_matter(unit: str, scale: float) -> None:
    found = weighed(series("latency", 0.1 * scale, 0.6 * scale, unit=unit))["shop"]
    assert found.added == pytest.approx(0.5 * 20, rel=0.05)


@pytest.mark.parametrize(
    ("name", "before", "after", "unit"),
    [
        ("error_ratio", 0.01, 0.11, ""),
        ("error_percent", 1, 11, ""),
        ("errors", 1, 11, "%"),
        ("availability", 99, 89, "%"),
        ("availability", 0.99, 0.89, ""),
    ],
)
def test_failed_share_times_requests(name: str, before: float, after: float, unit: str) -> None:
    found = weighed(series(name, before, after, unit=unit), series("requests", 50, 50), quantity="failures")
    assert found["shop"].added == pytest.approx(0.1 * 50 * 20, rel=0.25)


def test_counted_errors_need_no_weight() -> None:
    found = weighed(series("errors", 2, 12), series("requests", 50, 50), quantity="failures")["shop"]
    assert found.added == pytest.approx(10 * 20, rel=0.05)
    assert found.weight_series == ""


def test_a_mean_is_taken_before_a_percentile() -> None:
    many = series("latency_p99", 1, 9, unit="s"), series("latency_mean", 0.1, 0.2, unit="s")
    assert weighed(*many)["shop"].series == "shop latency_mean"
    assert weighed(*reversed(many))["shop"].series == "shop latency_mean"


def test_every_service_is_weighed_when_the_symptom_is_felt() -> None:
    late = series("latency", 0.1, 0.1, "shop", unit="s")
    late.values[90:] = 5.0
    found = weighed(late, series("latency", 0.1, 0.6, "store", unit="s"))
    assert found["store"].requests == pytest.approx(10)
    assert found["store"].added == pytest.approx(0.5 * 10, rel=0.1)


def test_a_quiet_service_carries_nothing_certain() -> None:
    found = weighed(series("latency", 0.1, 0.1, unit="s"))["shop"]
    assert found.added <= found.noise
    assert found.p > 0.05


@pytest.mark.parametrize("values", [np.full(100, np.nan), np.where(TIMES < 4800, np.nan, 1.0)])
def test_a_service_without_history_carries_nothing(values: np.ndarray) -> None:
    found = weighed(MetricSeries("latency", "shop", TIMES, values, "s"))["shop"]
    assert (found.added, found.p) == (0, 1)


def test_a_series_without_points() -> None:
    empty = MetricSeries("latency", "shop", np.array([]), np.array([]), "s")
    assert weighed(empty, series("requests", 1, 1))["shop"].added == 0
    assert weighed(
        series("latency", 0.1, 0.6, unit="s"), MetricSeries("requests", "shop", np.array([]), np.array([]))
    )


def test_no_fitting_series_no_mass() -> None:
    assert weighed(series("cpu_usage", 1, 9)) == {}
