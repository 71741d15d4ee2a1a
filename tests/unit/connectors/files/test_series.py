import numpy as np

from andon.connectors.files.series import merge_series
from andon.telemetry import MetricSeries


def series(times, values, name="m", unit=""):
    return MetricSeries(name, "s", np.array(times, dtype=float), np.array(values, dtype=float), unit)


def test_series_of_one_key_are_joined_and_later_files_win():
    merged, dropped = merge_series(
        [series([1, 3], [1, 3]), series([2, 3], [20, 30], unit="ms"), series([9], [9], "other")]
    )
    assert dropped == 1
    assert merged[0].times.tolist() == [1, 2, 3]
    assert merged[0].values.tolist() == [1, 20, 30]
    assert (merged[0].unit, merged[1].name) == ("ms", "other")
