from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from andon.testing.imitations.llm_server import pieces, schema_fault


class Node(BaseModel):
    name: str
    ports: list[int] = []
    below: list[Node] = []
    note: str | None = None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {
            "type": "object",
            "properties": {"a": {"type": ["string", "null"]}},
            "required": ["a"],
            "additionalProperties": False,
        },
        {"type": "object", "properties": {"a": True, "b": {"enum": [1, "x"]}, "type": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "integer"}}},
        Node.model_json_schema(),
    ],
)
def test_a_schema_is_none_to_complain_of(schema: Any):
    assert schema_fault(schema) == ""


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ("object", "neither"),
        ({"type": "text"}, "type 'text' does not exist"),
        ({"type": "object", "properties": {"a": {"type": "str"}}}, "/properties/a: type 'str'"),
        ({"type": "object", "required": "a"}, "required"),
        ({"type": "object", "properties": ["a"]}, "object of schemas"),
        ({"type": "array", "items": "string"}, "/items"),
        ({"anyOf": {}}, "list of schemas"),
        ({"anyOf": []}, "list of schemas"),
        ({"enum": "a"}, "enum"),
        ({"properties": {"a": {"$ref": "#/$defs/A"}}}, "leads nowhere"),
        ({"properties": {"a": {"$ref": "https://example.com/a"}}}, "leads nowhere"),
    ],
)
def test_what_is_no_schema_is_found(schema: Any, fault: str):
    assert fault in schema_fault(schema)


@pytest.mark.parametrize("text", ["", "a", "ab", "abcd", "ten o'clock"])
def test_pieces_make_up_the_text(text: str):
    assert "".join(pieces(text)) == text and len(pieces(text)) <= 3
