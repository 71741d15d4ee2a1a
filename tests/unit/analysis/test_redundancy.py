import numpy as np
import pytest

from andon.analysis.redundancy import departures, tracking
from andon.telemetry import MetricSeries

TIMES = np.arange(100.0)
FLOW = 12 + np.sin(TIMES / 9)
LATE = TIMES >= 60


def made(name: str, values, unit: str, service: str = "x") -> MetricSeries:
    return MetricSeries(name, service, TIMES, np.asarray(values, dtype=float), unit)


def loop(**factors) -> list[MetricSeries]:
    """A meter and three drops on one flow, each times a factor from second 60 on."""

    def at(name):
        return np.where(LATE, factors.get(name, 1.0), 1.0)

    drops = {"a": 0.25, "b": 0.05, "c": 0.7}
    return [
        made("flow.rate", FLOW * at("flow"), "m3/h", "meter"),
        *(
            made(f"{n}.differential_pressure", k * (FLOW / 12) ** 2 * at(n), "bar", n)
            for n, k in drops.items()
        ),
    ]


def late(series: list[MetricSeries]) -> dict[str, float]:
    """By how much each departure rose, in per cent."""
    return {
        of.service: float(np.median(d.values[LATE]) - np.median(d.values[~LATE]))
        for of, d in departures(series)
    }


def test_instruments_that_agree_do_not_depart_whatever_flows():
    assert all(np.allclose(d.values, 0, atol=1e-6) for _, d in departures(loop()))


def test_a_meter_that_drifts_departs_alone():
    found = late(loop(flow=1.3))
    assert found.pop("meter") == pytest.approx(30, abs=4)
    assert max(map(abs, found.values())) < 1


def test_a_resistance_that_grows_departs_alone():
    found = late(loop(a=9.0))
    assert found.pop("a") > 150
    assert max(map(abs, found.values())) < 1


def test_two_instruments_are_no_majority():
    assert list(departures(loop(flow=1.3)[:2])) == []


def test_a_set_point_is_no_measurement():
    assert list(departures([made("flow.setpoint", FLOW, "m3/h"), *loop()[1:3]])) == []


def test_a_position_is_compared_with_its_own_command():
    command = made("valve.command", 50 + LATE * 10, "%", "V-1")
    position = made("valve.position", 50 + LATE * 0, "%", "V-1")
    other = made("valve.position", TIMES, "%", "V-2")
    ((of, distance),) = tracking([command, position, other])
    assert of is position
    assert distance.values[0] == 0
    assert distance.values[-1] == 10
