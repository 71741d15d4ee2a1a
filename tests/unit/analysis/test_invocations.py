from __future__ import annotations

from andon.analysis.calls import find_calls
from andon.analysis.invocations import Invocations, StepKind, find_invocations, owners
from andon.analysis.templates import mine
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Span, SpanKind, Spans

SPANS = [
    Span("a", "1", "", "shop", "GET /", SpanKind.SERVER, 0.0, 1.0, False),
    Span("a", "2", "1", "shop", "render", SpanKind.INTERNAL, 0.1, 0.2, False),
    Span("a", "3", "1", "shop", "call", SpanKind.CLIENT, 0.4, 0.4, False, "prices"),
    Span("a", "4", "3", "prices", "read", SpanKind.SERVER, 0.5, 0.2, True),
    Span("b", "1", "", "shop", "GET /", SpanKind.SERVER, 2.0, 1.0, False),
]


def found(*records: LogRecord) -> Invocations:
    logs = Logs.of(records)
    return find_invocations(find_calls(Spans.of(SPANS)), logs, mine(logs.bodies))


def steps(invocations: Invocations) -> set[tuple[str, StepKind, str]]:
    """What was taken at all, as service, kind, text."""
    return {
        (s.service, s.kind, s.text) for s in (invocations.steps[i] for i in invocations.pairs[:, 1].tolist())
    }


def test_an_invocation_is_a_services_part_in_a_trace() -> None:
    invocations = found()
    assert len(invocations) == 3
    assert sorted(invocations.names[i] for i in invocations.services.tolist()) == ["prices", "shop", "shop"]
    assert sorted(invocations.starts.tolist()) == [0.0, 0.5, 2.0]
    assert invocations.below == {"shop": frozenset({"prices"})}


def test_steps_are_inner_spans_calls_failures_and_log_records() -> None:
    assert steps(found(LogRecord(0.2, INFO, "shop", "rendered 3 items", "a"))) == {
        ("shop", StepKind.SPAN, "render"),
        ("shop", StepKind.SPAN, "call"),
        ("shop", StepKind.CALL, "prices"),
        ("prices", StepKind.FAILURE, "read"),
        ("shop", StepKind.LOG, "rendered <number> items"),
    }


def test_records_of_unknown_traces_and_services_are_left_out() -> None:
    strangers = (
        LogRecord(0.2, INFO, "shop", "one", "zzz"),
        LogRecord(0.2, INFO, "mail", "two", "a"),
        LogRecord(0.2, INFO, "shop", "three", ""),
    )
    assert not any(kind is StepKind.LOG for _, kind, _ in steps(found(*strangers)))


def test_a_statement_is_known_by_its_place_in_the_source_where_records_say_so() -> None:
    invocations = found(
        LogRecord(0.1, INFO, "shop", "INFO shop.Cart#31 time is 5", "a"),
        LogRecord(0.2, INFO, "shop", "INFO shop.Cart#37 time is 9", "a"),
        LogRecord(2.2, ERROR, "shop", "worker.go:12 time is 3 for Ann", "b"),
    )
    places = {s.place: s.error for s in invocations.steps if s.kind is StepKind.LOG}
    assert places == {"shop.Cart#31": False, "shop.Cart#37": False, "worker.go:12": True}


def test_numbers_that_vary_without_end_are_no_places() -> None:
    records = [LogRecord(0.1, INFO, "shop", f"INFO order.id#{n} accepted", "a") for n in range(30)]
    assert {s.place for s in found(*records).steps if s.kind is StepKind.LOG} == {""}


def test_every_span_has_its_owner() -> None:
    calls = find_calls(Spans.of(SPANS))
    invocations = found()
    services = [invocations.names[invocations.services[i]] for i in owners(calls, invocations).tolist()]
    assert services == ["shop", "shop", "shop", "prices", "shop"]


def test_nothing_gives_nothing() -> None:
    empty = Logs.of([])
    invocations = find_invocations(find_calls(Spans.of([])), empty, mine(empty.bodies))
    assert len(invocations) == 0
    assert invocations.pairs.shape == (0, 2)
