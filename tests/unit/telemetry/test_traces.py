from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.telemetry import Span, SpanKind, Spans, Window

spans = st.builds(
    Span,
    trace_id=st.sampled_from("xy"),
    span_id=st.text("0123456789abcdef", min_size=1, max_size=3),
    parent_id=st.sampled_from(["", "1"]),
    service=st.sampled_from(["a", "b", ""]),
    name=st.sampled_from(["n", ""]),
    kind=st.sampled_from(SpanKind),
    start=st.floats(0, 100),
    duration=st.floats(0, 10),
    error=st.booleans(),
    peer=st.sampled_from(["", "p", "q"]),
    message=st.sampled_from(["", "refused"]),
)


@given(st.lists(spans, max_size=8))
def test_spans_come_back_sorted_by_start(many: list[Span]) -> None:
    columns = Spans.of(many)
    assert [columns[i] for i in range(len(columns))] == sorted(many, key=lambda span: span.start)
    assert columns.peers[0] == ""


@given(st.lists(spans, max_size=8), st.floats(0, 100), st.floats(0, 100))
def test_within_goes_by_the_start(many: list[Span], a: float, b: float) -> None:
    window, columns = Window(min(a, b), max(a, b)), Spans.of(many)
    cut = columns.within(window)
    assert [cut[i] for i in range(len(cut))] == [
        columns[i] for i in range(len(columns)) if columns[i].start in window
    ]


def test_messages_that_nobody_wrote_are_no_column() -> None:
    columns = Spans.of([Span("t", "1", "", "a", "n", SpanKind.SERVER, 0, 1, error=True)])
    assert columns.messages == ()
    assert columns[0].message == ""


@pytest.mark.parametrize(
    ("kind", "number"), [("INTERNAL", 1), ("SERVER", 2), ("CLIENT", 3), ("PRODUCER", 4), ("CONSUMER", 5)]
)
def test_kinds_have_the_numbers_of_the_specification(kind: str, number: int) -> None:
    assert SpanKind[kind] == number


def test_spans_are_joined_and_those_with_the_same_ids_count_once() -> None:
    def span(span_id: str, start: float, name: str) -> Span:
        return Span("t", span_id, "", "a", name, SpanKind.SERVER, start, 0.1, False)

    first, second, again = span("1", 2.0, "first"), span("2", 1.0, "second"), span("1", 2.0, "again")
    joined = Spans.joined([Spans.of([first]), Spans.of([]), Spans.of([second, again])])
    assert [joined[i] for i in range(len(joined))] == [second, first]
    assert len(Spans.joined([])) == 0
