from __future__ import annotations

import pytest

from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools.lines import LogLines, find
from andon.storage import Ledger
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Status, Window
from andon.testing import MemorySource

WHOLE = Window(0, 1000)
RECORDS = [
    LogRecord(float(n), ERROR if n % 2 else INFO, "ab"[n % 2], f"Order {n} rejected") for n in range(20)
]


def found(text: str, *services: str, limit: int = 20, window: Window = WHOLE) -> LogLines:
    box = Toolbox([MemorySource(log_records=Logs.of(RECORDS))], Ledger())
    (observation,) = find(box, window, services, text, limit)
    return content(observation, LogLines)


def test_lines_that_hold_a_text_in_any_case_in_ascending_time() -> None:
    seen = found("ORDER 1")
    assert [line.text for line in seen.lines] == [f"Order {n} rejected" for n in (1, *range(10, 20))]
    assert (seen.found, seen.lines[0].service, seen.lines[0].severity) == (11, "b", ERROR)


def test_of_these_services_only() -> None:
    assert {line.service for line in found("order", "a").lines} == {"a"}
    assert found("order", "nobody") == LogLines((), 0)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 19, 20, 50])
def test_of_many_the_first_and_the_last_are_kept(limit: int) -> None:
    seen = found("order", limit=limit)
    times = [line.time for line in seen.lines]
    assert seen.found == 20 and len(times) == min(limit, 20)
    half = (limit + 1) // 2
    if limit < 20:
        assert times == [*map(float, range(half)), *map(float, range(20 - (limit - half), 20))]


def test_within_the_window_only() -> None:
    assert [line.time for line in found("order", window=Window(3, 6)).lines] == [3.0, 4.0, 5.0]


def test_a_long_line_is_kept_in_part_and_an_empty_text_holds_everywhere() -> None:
    box = Toolbox([MemorySource(log_records=Logs.of([LogRecord(1.0, INFO, "a", "y" * 5000)]))], Ledger())
    (observation,) = find(box, WHOLE, (), "")
    (line,) = content(observation, LogLines).lines
    assert len(line.text) == 400
    assert find(box, WHOLE, (), "") == (observation,)


def test_no_line_is_no_failure() -> None:
    box = Toolbox([MemorySource(log_records=Logs.of(RECORDS))], Ledger())
    (observation,) = find(box, WHOLE, (), "nothing of the kind")
    assert (observation.count, observation.status in (Status.OK, Status.EMPTY)) == (0, True)
