import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from andon.analysis.quantiles import center_and_spread, median, medians, robust_spread

FINITE = st.floats(-1e9, 1e9, width=32)


@given(arrays.arrays(np.float64, st.integers(1, 60), elements=FINITE))
def test_medians_are_those_of_numpy(values):
    assert median(values) == np.median(values)
    center, spread = center_and_spread(values)
    assert center == np.percentile(values, 50)
    assert spread == robust_spread(values) > 0
    quarters = np.percentile(values, (25, 75))
    mad = np.median(np.abs(values - center))
    expected = max((quarters[1] - quarters[0]) / 1.349, 1.4826 * mad, 0.05 * abs(center))
    if expected:
        assert spread == pytest.approx(expected, rel=1e-12)


@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=FINITE))
def test_medians_of_rows(rows):
    assert np.array_equal(medians(rows), np.median(rows, axis=1))


def test_a_constant_has_a_small_spread():
    assert robust_spread(np.full(9, 100.0)) == pytest.approx(5)
    assert 0 < robust_spread(np.zeros(9)) < 1e-6
