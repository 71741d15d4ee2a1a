from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors import Unanswered
from andon.connectors.sql.clocks import Clock, clock_of
from andon.connectors.sql.config import MetricsTable
from andon.connectors.sql.dialects import dialect_of
from andon.telemetry import Window

ENGINE = sa.create_engine("sqlite://")
NOON = 1_781_863_200.0  # 2026-06-19T10:00:00Z, noon in Berlin
MINUTE = Window(1_781_863_200.0, 1_781_863_260.0)


def clock(
    kind: sa.types.TypeEngine[Any], largest: Any = None, url: str = "postgresql://", **stated: str
) -> Clock:
    table = MetricsTable(signal="metrics", table="t", time="at", name="n", value="v", **stated)
    column = sa.Table("t", sa.MetaData(), sa.Column("at", kind)).c.at
    return clock_of(column, table, dialect_of(url), largest)


def bounds(clock: Clock, window: Window = MINUTE) -> list[Any]:
    return list(clock.where(window).compile().params.values())


@pytest.mark.parametrize(("factor", "unit"), [(1, "s"), (10**3, "ms"), (10**6, "us"), (10**9, "ns")])
def test_numbers_tell_their_unit(factor: int, unit: str) -> None:
    told, stated = clock(sa.BigInteger(), int(NOON) * factor), clock(sa.BigInteger(), time_unit=unit)
    assert told(int(NOON) * factor) == stated(int(NOON) * factor) == NOON
    assert bounds(told) == [int(NOON) * factor, int(NOON + 60) * factor]


def test_integers_are_bounded_by_the_next_one_up() -> None:
    assert bounds(clock(sa.Integer(), NOON), Window(NOON + 0.5, NOON + 1.5)) == [NOON + 1, NOON + 2]


def test_moments_are_exact() -> None:
    found = clock(sa.DateTime(timezone=True))
    assert bounds(found)[0] == datetime(2026, 6, 19, 10, tzinfo=UTC) and not found.naive
    assert found(datetime(2026, 6, 19, 10, tzinfo=UTC)) == NOON


def test_local_times_are_read_in_their_zone() -> None:
    found = clock(sa.DateTime(), timezone="Europe/Berlin")
    assert found(datetime.fromisoformat("2026-06-19T12:00")) == NOON and not found.naive
    low, high = bounds(found)[:2]
    assert low <= datetime.fromisoformat("2026-06-19T12:00") and high > datetime.fromisoformat(
        "2026-06-19T12:01"
    )
    assert clock(sa.DateTime()).naive
    assert clock(sa.Date(), timezone="Europe/Berlin")(date(2026, 6, 19)) == NOON - 12 * 3600


def test_the_hour_that_comes_twice_is_not_lost() -> None:
    """On 2026-10-25 at 03:00 summer time, Berlin's clocks go back to 02:00."""
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).timestamp()
    found = clock(sa.DateTime(), timezone="Europe/Berlin")
    low, high = bounds(found, Window(second_half_past_two - 3600, second_half_past_two + 60))[:2]
    assert low <= datetime.fromisoformat("2026-10-25T02:30") < high


def test_text_is_no_time_but_in_sqlite() -> None:
    with pytest.raises(Unanswered, match="which is no time"):
        clock(sa.Text())
    found = clock(sa.Text(), url="sqlite://", timezone="Europe/Berlin")
    assert found("2026-06-19 12:00:00") == found("2026-06-19T10:00:00Z") == NOON
    assert found(b"x") != found(b"x")


@given(
    st.floats(0, 4e9),
    st.sampled_from(["%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S.%f+00:00"]),
)
def test_sqlite_counts_seconds_of_texts(moment: float, layout: str) -> None:
    moment = round(moment, 3)
    written = datetime.fromtimestamp(moment, UTC).strftime(layout)
    expression = dialect_of("sqlite://").seconds
    assert expression is not None
    with ENGINE.connect() as db:
        seconds = db.scalar(sa.select(expression(sa.literal(written, sa.String), "UTC")))
    assert seconds == pytest.approx(moment, abs=0.0011)
