from __future__ import annotations

import numpy as np
import pytest

from andon.telemetry import MetricSeries, Window

TIMES = np.array([10.0, 20.0, 30.0, 40.0])


def test_the_key_names_service_metric_and_sorted_labels() -> None:
    series = MetricSeries("requests", "shop", TIMES, TIMES, labels={"zone": "b", "code": "200"})
    assert series.key == "shop requests{code=200,zone=b}"
    assert MetricSeries("requests", "shop", TIMES, TIMES).key == "shop requests"


def test_within_keeps_the_start_and_leaves_the_end() -> None:
    series = MetricSeries("requests", "shop", TIMES, -TIMES, "1", {"code": "200"})
    cut = series.within(Window(20, 40))
    assert cut.times.tolist() == [20, 30]
    assert cut.values.tolist() == [-20, -30]
    assert (cut.key, cut.unit) == (series.key, "1")
    assert len(series.times) == 4


@pytest.mark.parametrize("window", [Window(0, 10), Window(41, 99), Window(20, 20)])
def test_within_may_find_nothing(window: Window) -> None:
    assert len(MetricSeries("requests", "shop", TIMES, TIMES).within(window).times) == 0


@pytest.mark.parametrize(
    ("times", "values"),
    [(TIMES, TIMES[:3]), (TIMES.reshape(2, 2), TIMES.reshape(2, 2)), (TIMES, TIMES[None])],
)
def test_shapes_that_do_not_fit_are_refused(times: np.ndarray, values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="shop requests"):
        MetricSeries("requests", "shop", times, values)
