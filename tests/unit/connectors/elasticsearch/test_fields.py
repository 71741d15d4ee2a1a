from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.elasticsearch.config import FieldNames
from andon.connectors.elasticsearch.fields import Term, asked_for, found, value_at
from andon.connectors.unanswered import Unanswered

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def caps(**kinds):
    fields = {}
    for name, of in kinds.items():
        of = (of,) if isinstance(of, str) else of
        fields[name] = {kind: {"type": kind, "aggregatable": kind not in ("text", "object")} for kind in of}
    return {"indices": ["logs-a"], "fields": fields}


def test_ecs_fields_are_found():
    answer = caps(
        **{"@timestamp": "date", "message": "text", "log.level": "keyword", "service.name": "keyword"}
    )
    fields = found(answer, FieldNames())
    assert fields.time == "@timestamp" and not fields.nanos
    assert fields.message == fields.texts == ("message",)
    assert fields.level == (Term("log.level", "log.level"),)
    assert fields.service == (Term("service.name", "service.name"),)


def test_opentelemetry_fields_are_found():
    names = {
        "@timestamp": "date_nanos",
        "body": "object",
        "body.text": "match_only_text",
        "severity_text": "keyword",
        "severity_number": "long",
        "resource.attributes.service.name": "keyword",
        "trace_id": "keyword",
    }
    fields = found(caps(**names), FieldNames())
    assert fields.nanos
    assert fields.message == ("body.text",)
    assert [term.path for term in fields.level] == ["severity_text", "severity_number"]
    assert fields.service[0].path == "resource.attributes.service.name"
    assert fields.trace == ("trace_id",)


def test_a_text_is_compared_by_the_keyword_beside_it():
    fields = found(caps(**{"@timestamp": "date", "level": "text", "level.keyword": "keyword"}), FieldNames())
    assert fields.level == (Term("level", "level.keyword"),)
    assert fields.source() == ["@timestamp", "level"]


def test_a_field_that_one_index_cannot_compare_is_not_compared():
    assert not found(caps(**{"@timestamp": "date", "level": ("keyword", "text")}), FieldNames()).level


def test_milliseconds_beside_nanoseconds_are_read_as_nanoseconds():
    assert found(caps(**{"@timestamp": ("date", "date_nanos")}), FieldNames()).nanos


def test_stated_names_replace_the_usual_ones():
    names = FieldNames(time="when", message=("what",), level=("how",))
    fields = found(caps(when="date", what="text", how="keyword", message="text"), names)
    assert (fields.time, fields.message, fields.level[0].path) == ("when", ("what",), "how")
    assert {"when", "what", "how.keyword"} <= set(asked_for(names))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"indices": [], "fields": {}}, "no index matches"),
        (caps(message="text"), "no field of type date"),
        (caps(**{"@timestamp": "keyword"}), "no field of type date"),
        ({"greeting": "hello"}, "not as this search API"),
    ],
)
def test_what_cannot_be_used_is_told(answer, words):
    with pytest.raises(Unanswered, match=words):
        found(answer, FieldNames())


@given(st.dictionaries(st.sampled_from(["indices", "fields"]), JSON), JSON)
def test_arbitrary_answers_never_crash(answer, types):
    for one in (answer, {"indices": ["a"], "fields": {"@timestamp": types, "log.level": types}}):
        with contextlib.suppress(Unanswered):
            found(one, FieldNames())


@pytest.mark.parametrize(
    "source",
    [
        {"a": {"b": {"c": 1}}},
        {"a.b": {"c": 1}},
        {"a": {"b.c": 1}},
        {"a.b.c": 1},
        {"a": {"b": {"c": [1, 2]}}},
        {"a": {"x": 0}, "a.b.c": 1},
    ],
)
def test_a_path_is_found_however_its_dots_are_nested(source):
    assert value_at(source, "a.b.c") == 1


@given(JSON)
def test_a_path_in_arbitrary_documents(source):
    value_at(source, "a.b.c")
