"""Schemas of arguments as strangers state them: bounded, and only of the keywords that say what a value is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from andon.connectors.lent.answers import plain

__all__ = ["Unfit", "clean_schema"]

MOST_BYTES = 8_000
DEEPEST = 8
MOST_PROPERTIES = 40
_WORDS = 200
"""Characters of a description."""

_TEXTS = {"title", "description", "format", "type", "$ref"}
_NUMBERS = {
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
}  # fmt: skip
_SCHEMAS = {"items", "additionalProperties", "not"}
_LISTS = {"anyOf", "oneOf", "allOf", "prefixItems"}
_NAMED = {"properties", "$defs", "definitions"}
_VALUES = {"enum", "const", "default"}


class Unfit(Exception):
    """A schema that no tool is lent with; the message says why."""


def clean_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with known keywords only, its words clipped. Raises Unfit."""
    if schema.get("type") != "object":
        raise Unfit("its arguments are no object")
    try:
        if len(orjson.dumps(schema)) > MOST_BYTES:
            raise Unfit(f"its arguments take more than {MOST_BYTES} bytes to describe")
    except orjson.JSONEncodeError:
        raise Unfit("its arguments are described by what is no JSON, or nested too deeply") from None
    return {"type": "object", "properties": {}, **_cleaned(schema, DEEPEST)}


def _cleaned(schema: Any, depth: int) -> Any:
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        raise Unfit("its arguments are described by what is no JSON schema")
    if depth == 0:
        raise Unfit(f"its arguments are nested deeper than {DEEPEST} levels")
    cleaned: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _SCHEMAS:
            cleaned[key] = _cleaned(value, depth - 1)
        elif key in _LISTS and isinstance(value, list):
            cleaned[key] = [_cleaned(one, depth - 1) for one in value]
        elif key in _NAMED and isinstance(value, dict):
            cleaned[key] = _properties(value, depth - 1)
        else:
            cleaned |= _leaf(key, value)
    return cleaned


def _properties(named: dict[str, Any], depth: int) -> dict[str, Any]:
    if len(named) > MOST_PROPERTIES:
        raise Unfit(f"it has more than {MOST_PROPERTIES} arguments")
    if any(plain(name, 64) != name for name in named):
        raise Unfit("an argument has a name that cannot be shown")
    return {name: _cleaned(one, depth) for name, one in named.items()}


def _leaf(key: str, value: Any) -> dict[str, Any]:
    """A keyword that holds no schema; nothing where it is none that we know."""
    if key == "$ref" and not (isinstance(value, str) and value.startswith("#/")):
        raise Unfit("its arguments refer to a schema elsewhere")
    if key == "required" and isinstance(value, list):
        return {key: [one for one in value if isinstance(one, str)][:MOST_PROPERTIES]}
    if key == "type" and isinstance(value, list):
        return {key: [plain(str(one), 20) for one in value][:8]}
    if key in _TEXTS and isinstance(value, str):
        return {key: plain(value, _WORDS)}
    if key in _NUMBERS and isinstance(value, int | float):
        return {key: value}
    if key in _VALUES:
        return {key: _value(value)}
    return {}


def _value(value: Any) -> Any:
    """A value that stands in a schema; texts are plain, and what is nested is left out."""
    if isinstance(value, str):
        return plain(value, _WORDS)
    if isinstance(value, list):
        return [plain(one, _WORDS) if isinstance(one, str) else one for one in value if _flat(one)]
    return value if _flat(value) else None


def _flat(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)
