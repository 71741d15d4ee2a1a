from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.log_parameters import Kind, Value, values_of
from andon.analysis.templates import mine


def only(body: str) -> Value:
    ((value,),) = values_of(mine([body]).templates[0], [body]).values()
    return value


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("retry 1,234", Value(Kind.NUMBER, "1,234", 1234)),
        ("load 87.5%", Value(Kind.NUMBER, "87.5%", 87.5)),
        ("took 250ms", Value(Kind.DURATION, "250ms", 0.25)),
        ("took 1m30s", Value(Kind.DURATION, "1m30s", 90)),
        ("took 2 minutes", Value(Kind.DURATION, "2 minutes", 120)),
        ("took 5us", Value(Kind.DURATION, "5us", 5e-6)),
        ("sent 3KiB", Value(Kind.SIZE, "3KiB", 3072)),
        ("sent 3 MB", Value(Kind.SIZE, "3 MB", 3e6)),
        ("sent 3 bytes", Value(Kind.SIZE, "3 bytes", 3)),
        ("from 10.0.3.7:5432", Value(Kind.IP, "10.0.3.7")),
        ("open /var/lib/12/a7.db", Value(Kind.PATH, "/var/lib/0/a0.db")),
        (
            "order 123e4567-e89b-12d3-a456-426614174000 placed",
            Value(Kind.UUID, "123e4567-e89b-12d3-a456-426614174000"),
        ),
        ("object 9f4ef63 freed", Value(Kind.HEX, "9f4ef63")),
        ('said "two words"', Value(Kind.TEXT, "two words")),
        ("at 2024-05-01T10:00:00Z", Value(Kind.TIME, "2024-05-01T10:00:00Z")),
    ],
)
def test_places_are_typed(body: str, value: Value) -> None:
    found = only(body)
    assert (found.kind, found.text) == (value.kind, value.text)
    assert found.number == (pytest.approx(value.number) if value.number is not None else None)


def test_places_are_numbered_and_varying_words_are_text() -> None:
    bodies = ["session of user root took 5 ms", "session of user www took 6 ms"]
    assert values_of(mine(bodies).templates[0], bodies) == {
        "1": [Value(Kind.TEXT, "root"), Value(Kind.TEXT, "www")],
        "2": [Value(Kind.DURATION, "5 ms", 0.005), Value(Kind.DURATION, "6 ms", 0.006)],
    }


def test_fields_of_json_and_attributes_are_typed_too() -> None:
    body = '{"msg": "took 5ms", "status": 500, "ok": false, "peer": "10.0.0.1", "nested": {"a": 1}, "none": null}'
    attributes: dict[str, Any] = {"size": "7 KB", "name": "ann bee", "status": 7}
    assert values_of(mine([body]).templates[0], [body], [attributes]) == {
        "1": [Value(Kind.DURATION, "5ms", 0.005)],
        "status": [Value(Kind.NUMBER, "500", 500)],
        "ok": [Value(Kind.TEXT, "false")],
        "peer": [Value(Kind.IP, "10.0.0.1")],
        "size": [Value(Kind.SIZE, "7 KB", 7000)],
        "name": [Value(Kind.TEXT, "ann bee")],
    }


def test_a_body_of_another_template_has_no_places() -> None:
    assert values_of(mine(["took 5ms"]).templates[0], ["left (7)"]) == {}


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text()),
)
def test_any_text_has_values(body: str, other: str, attributes: dict[str, Any]) -> None:
    found = values_of(mine([body, other]).templates[0], [body, other], [attributes, {}])
    assert all(isinstance(value, Value) for values in found.values() for value in values)
