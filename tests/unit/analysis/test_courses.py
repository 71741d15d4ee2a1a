from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.calls import find_calls
from andon.analysis.courses import Courses, CourseShift, compare_courses
from andon.analysis.invocations import find_invocations
from andon.analysis.templates import mine
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Span, SpanKind, Spans, Window

BASELINE, INCIDENT = Window(0, 200), Window(200, 300)
FOUND, MISSING = "found the price", "no such price"


def request(
    t: int, *lines: tuple[str, str, int], route: str = "GET /price"
) -> tuple[list[Span], list[LogRecord]]:
    """One request through shop to prices, with (service, text, severity) as the lines that it logs."""
    trace = f"trace-{t}"
    spans = [
        Span(trace, "1", "", "shop", route, SpanKind.SERVER, t, 0.1, False),
        Span(trace, "2", "1", "shop", "call", SpanKind.CLIENT, t + 0.01, 0.05, False, "prices"),
        Span(trace, "3", "2", "prices", f"{route}/one", SpanKind.SERVER, t + 0.02, 0.03, False),
    ]
    return spans, [LogRecord(t + 0.03, severity, service, text, trace) for service, text, severity in lines]


def compared(requests: list[tuple[list[Span], list[LogRecord]]]) -> Courses:
    calls = find_calls(Spans.of([span for spans, _ in requests for span in spans]))
    logs = Logs.of([record for _, records in requests for record in records])
    return compare_courses(find_invocations(calls, logs, mine(logs.bodies)), BASELINE, INCIDENT)


def usual(t: int) -> tuple[list[Span], list[LogRecord]]:
    return request(t, ("shop", "asking", INFO), ("prices", FOUND, INFO))


def shift(courses: Courses, service: str) -> CourseShift:
    (found,) = [one for one in courses.shifts if one.service == service]
    return found


def test_another_branch_is_a_step_that_went_and_one_that_came() -> None:
    other = [request(t, ("shop", "asking", INFO), ("prices", MISSING, ERROR)) for t in range(200, 300)]
    courses = compared([usual(t) for t in range(200)] + other)
    found = shift(courses, "prices")
    assert courses.shifts[0] is found
    assert found.own > 10
    lost, gained = courses.changes[found.lost], courses.changes[found.gained]
    assert (lost.step.text, lost.baseline_with, lost.incident_with) == (FOUND, 200, 0)
    assert (gained.step.text, gained.step.error, gained.incident_with, gained.incident_calls) == (
        MISSING,
        True,
        100,
        100,
    )


def test_nothing_shifts_where_nothing_changed() -> None:
    courses = compared([usual(t) for t in range(300)])
    assert courses.shifts == ()
    assert courses.changes == ()
    assert courses.tested > 0


def test_a_caller_is_explained_by_the_callee_whose_course_turned_in_the_same_traces() -> None:
    other = [
        request(t, ("shop", "no answer, failed", ERROR), ("prices", MISSING, ERROR)) if t % 2 else usual(t)
        for t in range(200, 300)
    ]
    courses = compared([usual(t) for t in range(200)] + other)
    assert [one.service for one in courses.shifts] == ["prices", "shop"]
    assert shift(courses, "shop").z > 4
    assert shift(courses, "shop").own == pytest.approx(0.0)


def test_a_caller_that_turns_in_other_traces_than_the_callee_is_not_explained() -> None:
    other = [
        request(t, ("prices", FOUND, INFO)) if t % 2 else request(t, ("shop", "asking", INFO))
        for t in range(200, 300)
    ]
    courses = compared([usual(t) for t in range(200)] + other)
    assert shift(courses, "shop").own == pytest.approx(shift(courses, "shop").z)


def test_errors_that_go_are_no_trouble() -> None:
    bad = [request(t, ("shop", "asking", INFO), ("prices", MISSING, ERROR)) for t in range(200)]
    better = [request(t, ("shop", "asking", INFO), ("prices", FOUND, INFO)) for t in range(200, 300)]
    assert "prices" not in [one.service for one in compared(bad + better).shifts]


def test_another_mix_of_requests_is_no_other_course() -> None:
    def other(t: int) -> tuple[list[Span], list[LogRecord]]:
        return request(t, ("prices", "looked up a season ticket", INFO), route="GET /season")

    requests = [other(t) if t % 10 == 0 else usual(t) for t in range(200)]
    requests += [other(t) if t % 10 else usual(t) for t in range(200, 300)]
    assert compared(requests).shifts == ()


def test_a_baseline_that_wavers_needs_more_evidence() -> None:
    def wavering(burst: int) -> Courses:
        past = [usual(t) if (t // burst) % 2 else request(t, ("prices", MISSING, INFO)) for t in range(200)]
        return compared(past + [request(t, ("prices", MISSING, INFO)) for t in range(200, 300)])

    steady, restless = wavering(1), wavering(50)
    assert steady.overdispersion == 1.0
    assert restless.overdispersion > 2
    assert shift(restless, "prices").z < shift(steady, "prices").z


@given(st.lists(st.booleans(), min_size=8, max_size=40), st.integers(0, 3))
def test_counts_are_those_of_the_requests(took: list[bool], extra: int) -> None:
    past = [usual(t) for t in range(20)]
    now = [
        request(200 + i, *[("prices", FOUND, INFO)] * (1 + extra if yes else 0)) for i, yes in enumerate(took)
    ]
    for change in compared(past + now).changes:
        if change.step.text == FOUND:
            assert (change.incident_with, change.incident_calls) == (sum(took), len(took))
            assert (change.baseline_with, change.baseline_calls) == (20, 20)
