from __future__ import annotations

import pytest

from andon.llm.redaction.values import TOO_DEEP, mapped


def changed(value):
    return mapped(value, lambda text: text.upper(), lambda text: "***")


def test_shape_and_numbers_stay():
    value = {"a": [1, 2.5, None, True, ("x", {"y": "z"})], 3: "c"}
    assert changed(value) == {"A": [1, 2.5, None, True, ("X", {"Y": "Z"})], 3: "C"}


def test_texts_under_secret_keys_are_secrets():
    assert changed({"password": "x", "tokens": 5, "api_key": ["a", "b"]}) == {
        "PASSWORD": "***",
        "TOKENS": 5,
        "API_KEY": ["***", "***"],
    }


def test_pairs_of_name_and_value():
    assert changed([{"name": "DB_PASSWORD", "value": "x"}, {"name": "HOST", "value": "x"}]) == [
        {"NAME": "DB_PASSWORD", "VALUE": "***"},
        {"NAME": "HOST", "VALUE": "X"},
    ]
    assert changed({"key": "token", "value": {"stringValue": "x"}})["VALUE"] == {"STRINGVALUE": "***"}


def test_names_inside_a_secret_are_read_for_themselves():
    assert changed({"secret": {"name": "db"}}) == {"SECRET": {"NAME": "DB"}}


def test_no_entry_is_lost_when_keys_become_the_same():
    assert changed({"a": 1, "A": 2, "A (2)": 3}) == {"A": 1, "A (2)": 2, "A (2) (2)": 3}


@pytest.mark.parametrize("value", [b"x", {"a": b"x"}, [bytearray(b"x")], {1, 2}, object(), {b"k": 1}])
def test_what_json_does_not_know_is_refused(value):
    with pytest.raises(TypeError):
        changed(value)


def test_deep_values_end():
    value = "x"
    for _ in range(5_000):
        value = [value]
    assert TOO_DEEP in repr(changed(value))


def test_a_pseudonym_in_a_key_announces_nothing():
    assert mapped({"of [[secret-12345678]]": "x"}, str, lambda text: "***") == {"of [[secret-12345678]]": "x"}
