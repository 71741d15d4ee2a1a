import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.files.times import TimeParser, zone_named

T = datetime(2026, 6, 19, 10, 25, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-06-19T10:25:00Z", T),
        ("2026-06-19T12:25:00+02:00", T),
        ("2026-06-19 10:25:00,123", T + 0.123),
        ("2026-06-19 10:25:00.123456789", T + 0.123456),
        ("2026/06/19 10:25:00", T),
        ("2026-06-19 12:25:00 +0200", T),
        ("2026-06-19 10:25:00 UTC", T),
        ("19/Jun/2026:12:25:00 +0200", T),
        ("Fri Jun 19 10:25:00 2026", T),
        ("Fri, 19 Jun 2026 10:25:00 GMT", T),
        ("1781864700", T),
        ("1781864700.5", T + 0.5),
        ("1781864700000", T),
        ("1781864700000000", T),
        ("1781864700000000000", T),
        ("1.7818647e9", T),
    ],
)
def test_written_forms(text, time):
    assert TimeParser()(text) == pytest.approx(time, abs=1e-5)


@pytest.mark.parametrize("value", [1781864700, 1781864700.0, 1781864700000, 1781864700000000000])
def test_numbers(value):
    assert TimeParser()(value) == T


@pytest.mark.parametrize(
    "value", ["", "yesterday", "10:25", "Foo 19 10:25:00", None, True, [], {}, "9" * 400, 10**400, "nan"]
)
def test_what_is_no_time_is_nan(value):
    assert math.isnan(TimeParser()(value))


def test_zone_of_the_file_holds_for_times_without_one():
    parser = TimeParser(zone_named("Europe/Berlin"))
    assert parser("2026-06-19 12:25:00") == T
    assert parser("2026-06-19T10:25:00Z") == T
    assert (parser.naive, parser.zoned, parser.stated) == (1, 1, True)


@pytest.mark.parametrize(
    ("text", "reference", "year"),
    [
        ("Dec 31 23:59:00", T, 2025),
        ("Jun 19 10:25:00", T, 2026),
        ("Jan  2 00:00:00", datetime(2025, 12, 30, tzinfo=UTC).timestamp(), 2026),
    ],
)
def test_times_without_a_year_lie_near_the_reference(text, reference, year):
    parser = TimeParser(reference=reference)
    assert datetime.fromtimestamp(parser(text), UTC).year == year
    assert parser.yearless == 1


WRITTEN = st.sampled_from(
    [
        "2026-06-19 10:25:00",
        "2026-06-19T10:25:00Z",
        "2026-06-19T10:25:00,123456789+02:00",
        "2026-06-19T10:25:00.5-0130",
        "2026-02-30T10:25:00Z",
        "2024-02-29T23:59:59.999999Z",
        "2026-06-19T10:25:00+24:00",
        "2026-06-19T10:25:00.Z",
        "2026-06-19T10:25:00\0",
        "1969-12-31T23:59:59Z",
        "1781864700.5",
        "Jun 19 10:25:00",
        "19/Jun/2026:10:25:00 +0000",
        "",
    ]
)


@given(
    st.lists(WRITTEN | st.text(alphabet="0123456789-:TZ+., é", max_size=30)),
    st.sampled_from([None, "UTC", "Europe/Berlin"]),
)
def test_a_column_reads_as_its_texts_do(texts, zone):
    together, single = (TimeParser(zone_named(zone) if zone else None, T) for _ in range(2))
    assert np.array_equal(together.column(texts), [single.text(text) for text in texts], equal_nan=True)
    assert (together.naive, together.zoned, together.yearless) == (
        single.naive,
        single.zoned,
        single.yearless,
    )


@pytest.mark.parametrize("name", ["UTC", "+02:00", "UTC-0530", "America/New_York"])
def test_zones(name):
    assert zone_named(name)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "CEST!", "\0"])
def test_unknown_zones(name):
    with pytest.raises(ValueError, match="unknown time zone"):
        zone_named(name)


@given(st.text() | st.integers() | st.floats() | st.booleans())
def test_any_value_gives_a_float(value):
    assert isinstance(TimeParser(zone_named("Europe/Berlin"))(value), float)
