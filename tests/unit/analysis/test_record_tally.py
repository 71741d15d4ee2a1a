from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis import record_tally
from andon.analysis.record_tally import RecordTally, _priorities, merge_groups, places_of
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Window

WINDOW = Window(0, 100)


def logs(n: int) -> Logs:
    return Logs.of([LogRecord(i * 0.1, ERROR if i == 7 else INFO, "cart", f"line {i}") for i in range(n)])


def tally(n: int, step: int, sample: int = 16) -> RecordTally:
    counted, whole = RecordTally(WINDOW, 4, sample), logs(n)
    keys = np.arange(n) % 3 - 1
    for start in range(0, n, step):
        batch = Logs.of([whole[i] for i in range(start, min(start + step, n))])
        counted.add(batch, keys[start : start + step], start)
    return counted


def test_groups_count_and_remember() -> None:
    counted = tally(1200, 1200)
    assert sorted(counted.groups) == [0, 1]
    group = counted.groups[0]
    assert group.total == 333
    assert sum(group.counts) == 333
    assert set(group.counts.tolist()) == {83, 84}
    assert (group.first.index, group.last.index) == (1, 997)
    assert group.severity == ERROR
    assert counted.groups[1].severity == INFO
    assert len(group.records) == 16
    assert all(record.body == f"line {record.index}" for record in group.records)


@pytest.mark.parametrize("step", [1, 7, 500])
@pytest.mark.parametrize("most", [100_000, 10])
def test_the_size_of_the_batches_has_no_say(monkeypatch: pytest.MonkeyPatch, step: int, most: int) -> None:
    monkeypatch.setattr(record_tally, "MOST_HELD", most)
    whole, parts = tally(1000, 1000), tally(1000, step)
    for key, group in whole.groups.items():
        assert group.records == parts.groups[key].records
        assert (group.first, group.last) == (parts.groups[key].first, parts.groups[key].last)
        assert group.counts.tolist() == parts.groups[key].counts.tolist()
    assert sum(len(group.records) for group in parts.groups.values()) <= most


@given(st.lists(st.integers(-1, 3), max_size=60), st.integers(1, 9), st.integers(1, 5), st.integers(1, 30))
def test_what_is_kept_are_the_lowest_priorities(keys: list[int], step: int, sample: int, most: int) -> None:
    whole, numbers = logs(len(keys)), np.array(keys, dtype=np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_tally, "MOST_HELD", most)
        counted = RecordTally(WINDOW, 1, sample)
        for start in range(0, len(keys), step):
            counted.add(whole.rows(start, start + step), numbers[start : start + step], start)
    order = np.argsort(_priorities(np.arange(len(keys))))
    for key, group in counted.groups.items():
        places = [place for place in order.tolist() if keys[place] == key]
        assert [record.index for record in group.records] == sorted(places[: counted.sample])
    assert sum(len(group.records) for group in counted.groups.values()) <= most or counted.sample == 1


def test_the_sample_is_fair() -> None:
    places = [record.index for record in tally(1000, 1000, 128).groups[0].records]
    assert 400 < np.mean(places) < 600
    assert len(set(places)) == 128


def test_groups_merge_to_what_one_group_would_be() -> None:
    parts = list(tally(999, 999).groups.values())
    merged = merge_groups(parts, 16)
    assert merged is not None
    assert merged.total == sum(group.total for group in parts)
    assert (merged.first.index, merged.last.index) == (1, 998)
    assert len(merged.records) == 16
    assert merge_groups([]) is None


def test_services_are_numbered_on() -> None:
    known: dict[str, int] = {}
    assert places_of(["a", "b"], known).tolist() == [0, 1]
    assert places_of(["c", "a"], known).tolist() == [2, 0]


def test_records_outside_the_window_have_no_say() -> None:
    counted = RecordTally(Window(10, 10.35))
    counted.add(logs(200), np.zeros(200, dtype=np.int64), 0)
    assert counted.groups[0].total == 4
    counted.add(logs(0), np.zeros(0, dtype=np.int64), 200)
    assert counted.groups[0].total == 4


def test_what_is_held_in_all_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_tally, "MOST_HELD", 50)
    counted = RecordTally(WINDOW)
    counted.add(logs(900), np.arange(900) % 40, 0)
    assert sum(len(group.records) for group in counted.groups.values()) <= 50
    assert counted.sample == 1
    assert sum(group.total for group in counted.groups.values()) == 900
