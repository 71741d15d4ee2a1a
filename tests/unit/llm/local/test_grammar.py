from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from andon.llm.local.grammar import COMPACT, LARGEST_NUMBER, LONGEST_STRING, MOST_ITEMS, narrowed
from unit.llm.local.schemas import Tree, models

KNOWN = {
    "type", "properties", "required", "additionalProperties", "patternProperties", "minProperties",
    "maxProperties", "items", "prefixItems", "minItems", "maxItems", "enum", "anyOf", "minLength", "maxLength",
    "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
}  # fmt: skip


def schemas_in(schema: Any) -> Iterator[dict[str, Any]]:
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("patternProperties", {}).values()]
    inner += [*schema.get("anyOf", ()), *schema.get("prefixItems", ())]
    for each in [*inner, *([schema["items"]] if schema.get("items") else [])]:
        yield from schemas_in(each)


@given(models())
def test_only_known_words_and_everything_has_an_end(model):
    found = narrowed(model.model_json_schema())
    assert found is not None
    for schema in schemas_in(found):
        assert set(schema) <= KNOWN
        match schema.get("type"):
            case "string":
                assert "maxLength" in schema or "pattern" in schema
            case "array":
                assert schema["maxItems"] <= MOST_ITEMS
            case "object":
                assert schema["additionalProperties"] is False
            case "integer" | "number":
                assert {"minimum", "exclusiveMinimum"} & set(schema)
                assert {"maximum", "exclusiveMaximum"} & set(schema)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(models())
def test_the_real_engine_holds_answers_to_it(real_engine, model):
    """A schema that the engine does not know is ignored, and prose comes out; at this temperature never JSON."""

    async def written() -> str:
        schema = {**narrowed(model.model_json_schema()), **COMPACT}
        async with real_engine.turn(60) as turn:
            prompt = await turn.tokens("Once upon a time", first=True)
            done = await turn.complete(
                prompt, most=4, sampling={"temperature": 1.5, "seed": 1}, schema=schema
            )
        return done.text

    assert asyncio.run(written()).startswith(('{"', "{}"))


def test_references_are_written_out_and_end():
    found = narrowed(Tree.model_json_schema())
    assert found is not None and "$ref" not in str(found)
    child = found["properties"]["children"]["items"]["properties"]["children"]["items"]
    assert child["properties"]["children"] == {"type": "array", "maxItems": 0}
    assert child["properties"]["parent"] == {"type": "null"}


def test_what_can_never_end_is_none():
    endless = {
        "$ref": "#/$defs/A",
        "$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"]}},
    }
    assert narrowed(endless) is None
    assert narrowed({"type": "array", "items": False, "minItems": 1}) is None
    assert narrowed({"$ref": "#/$defs/nowhere"}) is None


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ({"type": "string"}, {"type": "string", "minLength": 0, "maxLength": LONGEST_STRING}),
        ({"type": "string", "maxLength": 5000}, {"type": "string", "minLength": 0, "maxLength": 5000}),
        ({"type": "string", "minLength": 900}, {"type": "string", "minLength": 900, "maxLength": 900}),
        ({"type": "string", "pattern": "(?=a)b", "maxLength": 3}, {"type": "string", "minLength": 0, "maxLength": 3}),
        ({"type": "string", "format": "ipvfuture", "maxLength": 3}, {"type": "string", "minLength": 0, "maxLength": 3}),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"oneOf": [{"type": "null"}, False]}, {"type": "null"}),
        ({"type": ["boolean", "null"]}, {"anyOf": [{"type": "boolean"}, {"type": "null"}]}),
        ({"allOf": [{"type": "boolean"}], "title": "Kept"}, {"type": "boolean"}),
        (
            {"type": "object", "properties": {}},
            {"type": "object", "properties": {}, "additionalProperties": False},
        ),
    ],
)  # fmt: skip
def test_words(stated, found):
    assert narrowed(stated) == found


def test_parts_of_all_of_are_one_object():
    parts = [{"properties": {name: {"type": "null"}}, "required": [name]} for name in "ab"]
    found = narrowed({"type": "object", "allOf": parts})
    assert found is not None and (list(found["properties"]), found["required"]) == (["a", "b"], ["a", "b"])


def test_a_narrow_range_keeps_its_numbers():
    found = narrowed({"type": "number", "minimum": 0.0001, "maximum": 0.0009})
    assert found == {"type": "number", "minimum": 0.0001, "maximum": 0.0009}
