from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.telemetry import ERROR, FATAL, INFO, WARN, LogRecord, Logs, Window

records = st.builds(
    LogRecord,
    time=st.floats(0, 100),
    severity=st.integers(0, 24),
    service=st.sampled_from(["a", "b", ""]),
    body=st.text(max_size=5),
    trace_id=st.sampled_from(["", "f00"]),
    attributes=st.sampled_from([{}, {"k": 1}]),
)


@given(st.lists(records, max_size=8))
def test_records_come_back_sorted_by_time(many: list[LogRecord]) -> None:
    logs = Logs.of(many)
    assert list(logs) == sorted(many, key=lambda record: record.time)
    assert len(logs) == len(many)


@given(st.lists(records, max_size=8), st.floats(0, 100), st.floats(0, 100))
def test_within_is_a_filter(many: list[LogRecord], a: float, b: float) -> None:
    window = Window(min(a, b), max(a, b))
    assert list(Logs.of(many).within(window)) == [r for r in Logs.of(many) if r.time in window]


def test_records_of_one_moment_keep_their_order() -> None:
    assert [r.body for r in Logs.of([LogRecord(1, INFO, "a", body) for body in "xyz"])] == list("xyz")


def test_columns_that_nobody_fills_are_empty() -> None:
    logs = Logs.of([LogRecord(1, INFO, "a", "x")])
    assert (logs.trace_ids, logs.attributes) == ((), ())
    assert logs[0].attributes == {}


def test_services_are_listed_once() -> None:
    logs = Logs.of([LogRecord(t, INFO, service, "") for t, service in enumerate("abab")])
    assert list(logs.services) == ["a", "b"]
    assert logs.service_codes.tolist() == [0, 1, 0, 1]


def test_levels_ascend() -> None:
    assert 0 < INFO < WARN < ERROR < FATAL <= 24


def test_there_is_no_record_behind_the_last() -> None:
    with pytest.raises(IndexError):
        Logs.of([])[0]


def test_logs_are_joined_in_order_of_time():
    early, late = LogRecord(1.0, INFO, "a", "early"), LogRecord(3.0, INFO, "b", "late")
    between = LogRecord(2.0, INFO, "c", "between")
    joined = Logs.joined([Logs.of([early, late]), Logs.of([]), Logs.of([between])])
    assert list(joined) == [early, between, late]
    assert len(Logs.joined([])) == 0
