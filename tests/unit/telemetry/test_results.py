from __future__ import annotations

import pytest

from andon.telemetry import Problem, Result, Status

LINE = Problem("metrics.csv:17", "no number")


@pytest.mark.parametrize(
    ("count", "problems", "status"),
    [(3, (), Status.OK), (0, (), Status.EMPTY), (3, (LINE,), Status.PARTIAL), (0, (LINE,), Status.PARTIAL)],
)
def test_the_status_follows_from_count_and_problems(
    count: int, problems: tuple[Problem, ...], status: Status
) -> None:
    result = Result.of("value", count, problems)
    assert (result.value, result.status, result.count, result.problems) == ("value", status, count, problems)


def test_a_problem_says_where_what_and_how_often() -> None:
    assert str(LINE) == "metrics.csv:17: no number"
    assert str(Problem("metrics.csv", "no number", 40)) == "metrics.csv: no number (40 times)"


def test_there_are_six_statuses() -> None:
    assert {str(status) for status in Status} == {"ok", "empty", "partial", "truncated", "denied", "failed"}
