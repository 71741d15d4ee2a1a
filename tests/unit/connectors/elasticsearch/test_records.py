from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.elasticsearch.fields import Fields, Term
from andon.connectors.elasticsearch.records import record_of, time_of
from andon.telemetry import ERROR, WARN

FIELDS = Fields(
    "@timestamp",
    False,
    ("message", "body.text"),
    (),
    (Term("log.level", "log.level"), Term("severity_number", "severity_number")),
    (Term("service.name", "service.name"),),
    ("trace.id",),
    ("host.name", "error.type"),
)
NANOS = Fields("@timestamp", True, (), (), (), (), (), ())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "log", "level", "service", "name", "text", "body"]), inner
        )
    ),
    max_leaves=12,
)


def record(source):
    return record_of({"_source": source, "sort": [1_781_864_400_000]}, 1_781_864_400.0, FIELDS)


def test_a_record_with_all_that_it_states():
    source = {
        "message": "door 7 stays shut",
        "log": {"level": "error"},
        "service": {"name": "doors"},
        "trace": {"id": "0123456789abcdef0123456789abcdef"},
        "host.name": "h1",
    }
    found = record(source)
    assert (found.body, found.severity, found.service) == ("door 7 stays shut", ERROR, "doors")
    assert found.trace_id == "0123456789abcdef0123456789abcdef"
    assert dict(found.attributes) == {"host.name": "h1"}


def test_the_first_field_that_says_something_counts():
    assert record({"body": {"text": "second"}, "severity_number": 13}).severity == WARN
    assert record({"message": "", "body": {"text": "second"}}).body == "second"


def test_a_line_speaks_for_itself_where_no_field_does():
    assert record({"message": "ERROR door 7 stays shut"}).severity == ERROR


def test_a_document_without_a_text_is_told_whole():
    found = record({"error": {"type": "DoorError"}})
    assert "DoorError" in found.body and found.attributes["error.type"] == "DoorError"


@pytest.mark.parametrize("hit", [{}, {"_source": {}}, {"_source": None}, {"_source": [1]}])
def test_a_hit_that_holds_nothing_is_no_record(hit):
    assert record_of(hit, 0.0, FIELDS) is None


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2026-06-19T10:20:00.123456789Z", 1_781_864_400.123456),
        ("2026-06-19T12:20:00.1234+02:00", 1_781_864_400.1234),
        ("2026-06-19T10:20:00.1239", 1_781_864_400.1239),
        ("2026-06-19T11:20:00.123Z", 1_781_864_400.123),
        ("yesterday", 1_781_864_400.123),
        (1_781_864_400_123, 1_781_864_400.123),
        (None, 1_781_864_400.123),
    ],
)
def test_times_are_as_fine_as_the_document_says(stated, expected):
    hit = {"_source": {"@timestamp": stated}, "sort": [1_781_864_400_123]}
    assert time_of(hit, FIELDS) == pytest.approx(expected, abs=1e-6)


def test_nanoseconds():
    assert time_of({"sort": [1_781_864_400_123_456_789]}, NANOS) == pytest.approx(
        1_781_864_400.123457, abs=1e-6
    )


@given(st.dictionaries(st.sampled_from(["message", "log", "service", "trace", "body", "@timestamp"]), JSON))
def test_arbitrary_documents_never_crash(source):
    hit = {"_source": source, "sort": [5]}
    record_of(hit, time_of(hit, FIELDS), FIELDS)
