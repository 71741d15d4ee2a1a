from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.tempo.answers import counted_spans, listing
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Span, SpanKind

T = 1_781_864_700


def everything(resource: Any, attributes: Any) -> bool:
    return True


def value(key: str, text: Any) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": text}}


def trace(*spans: dict[str, Any], matched: int | None = None, **more: Any) -> dict[str, Any]:
    found = {"spans": list(spans), "matched": len(spans) if matched is None else matched}
    return {
        "traceID": "abc",
        "startTimeUnixNano": f"{T}000000000",
        "spanSet": found,
        "spanSets": [found],
    } | more


def span(*attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "spanID": "1234",
        "name": "pay",
        "startTimeUnixNano": f"{T}000000000",
        "durationNanos": "250000000",
        "attributes": list(attributes),
    } | more


def test_a_span_with_its_fields() -> None:
    item = span(
        value("span:parentID", "0000000000000009"),
        value("kind", "client"),
        value("status", "error"),
        value("statusMessage", ""),
        value("service.name", "checkout"),
        value("peer.service", "pay"),
        value("exception.type", "E"),
        {"key": "exception.message", "value": {"arrayValue": {"values": [{"stringValue": "first"}]}}},
    )
    (listed,) = listing({"traces": [trace(item)]}, 9, 10).traces
    assert listed.whole(scoped=False)
    assert listed.trace(everything).spans == (
        Span(
            "abc".rjust(32, "0"),
            "0000000000001234",
            "0000000000000009",
            "checkout",
            "pay",
            SpanKind.CLIENT,
            float(T),
            0.25,
            True,
            "pay",
            "E: first",
        ),
    )


def test_a_root_has_no_parent_and_nil_is_no_message() -> None:
    item = span(value("span:parentID", "0" * 16), value("status", "error"), value("statusMessage", "nil"))
    (found,) = listing({"traces": [trace(item)]}, 0, 10).traces[0].trace(everything).spans
    assert (found.parent_id, found.message) == ("", "")


def test_what_did_not_come_whole() -> None:
    cut = trace(span(), matched=3)
    split = trace(span(), serviceStats={"a": {"spanCount": 1}, "b": {"spanCount": 4}})
    good = trace(span(), serviceStats={"a": {"spanCount": 1}})
    listed = listing({"traces": [cut, split, good]}, 0, 10).traces
    assert [one.whole(scoped=False) for one in listed] == [False, False, True]
    assert listed[1].whole(scoped=True)


def test_full_partial_and_malformed() -> None:
    answer = {"traces": [trace(), {"traceID": "../../secret"}, 7], "status": "PARTIAL", "message": "half"}
    found = listing(answer, 5, 3)
    assert (len(found.traces), found.malformed, found.full, found.gap, found.size) == (1, 2, True, "half", 5)
    assert not listing({"metrics": {}}, 0, 3).traces


@pytest.mark.parametrize("answer", [[], None, {}, {"traces": 3}, {"greeting": ["hello"]}])
def test_no_answer_of_a_search(answer: Any) -> None:
    with pytest.raises(Unanswered, match="not as Tempo's"):
        listing(answer, 0, 1)


def test_counts_of_metrics_are_added_up() -> None:
    series = [{"samples": [{"value": 3}, {"value": "x"}]}, {"samples": [{"value": 4.5}, {}]}, {"value": 1}]
    assert counted_spans({"series": series}) == 8.5
    with pytest.raises(Unanswered):
        counted_spans({})


KEYS = st.sampled_from(
    "traces metrics traceID startTimeUnixNano spanSets spanSet spans matched serviceStats spanCount spanID "
    "durationNanos attributes key value stringValue arrayValue values status message series samples".split()
)
JSON = st.recursive(
    st.none() | st.integers() | st.floats() | st.sampled_from(["abc", "12", "", "nil", "kind"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=50)
@given(
    st.fixed_dictionaries(
        {
            "traces": st.lists(
                st.fixed_dictionaries(
                    {"traceID": st.just("a")},
                    optional={
                        "startTimeUnixNano": st.just("5"),
                        "spanSets": JSON,
                        "spanSet": JSON,
                        "serviceStats": JSON,
                    },
                )
            )
            | JSON
        }
    )
)
def test_nothing_that_arrives_breaks_it(answer: Any) -> None:
    try:
        found = listing(answer, 0, 10)
    except Unanswered:
        return
    for one in found.traces:
        one.trace(everything)


@given(JSON)
def test_nor_as_metrics(answer: Any) -> None:
    try:
        counted_spans(answer)
    except Unanswered:
        return
