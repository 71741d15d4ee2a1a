from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.files.iso_times import read_iso

DAY = 86_400
MOMENTS = st.builds(
    lambda second, micro, minutes: datetime.fromtimestamp(
        second, timezone(timedelta(minutes=minutes))
    ).replace(microsecond=micro),
    st.integers(DAY, 229 * 365 * DAY),
    st.integers(0, 999_999),
    st.integers(-1439, 1439),
)


@given(st.lists(MOMENTS, min_size=1), st.sampled_from(["auto", "seconds", "milliseconds", "microseconds"]))
def test_written_times_are_read_to_the_microsecond(moments, precision):
    texts = [moment.isoformat(timespec=precision) for moment in moments]
    found = read_iso(texts)
    assert found.read.all() and found.zoned.all()
    assert found.seconds.tolist() == [datetime.fromisoformat(text).timestamp() for text in texts]


@pytest.mark.parametrize("texts", [[], ["now"], ["2026-06-19T10:25:00Z", "é" * 20], ["x" * 50]])
def test_what_is_no_column_of_times(texts):
    assert read_iso(texts) is None


def test_a_time_without_a_zone_is_told_apart():
    found = read_iso(["2026-06-19 10:25:00", "2026-06-19T10:25:00Z", "2026-06-19T10:25:00?"])
    assert found.zoned.tolist()[:2] == [False, True]
    assert found.read.tolist() == [True, True, False]
    assert found.seconds[0] == found.seconds[1]
