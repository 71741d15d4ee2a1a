"""A schema shown to a small model: what may be filled in, in one line, and one small value that fits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from andon.llm.local.grammar import narrowed

__all__ = ["described", "specimen"]

SHOWN_CHOICES = 6
LONGEST_WORD = 24


def described(schema: Mapping[str, Any]) -> str:
    """The parameters in one line: `component: text, limit?: integer`, a `?` for what may be left out."""
    found = narrowed(schema) or {}
    required = found.get("required", [])
    return ", ".join(
        f"{name}{'' if name in required else '?'}: {_kind(each)}"
        for name, each in found.get("properties", {}).items()
    )


def specimen(schema: Mapping[str, Any]) -> Any:
    """A small value that fits the schema, made of its required parts alone; None when nothing fits."""
    found = narrowed(schema)
    return None if found is None else _value(found, "text")


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        shown = [str(value) for value in schema["enum"][:SHOWN_CHOICES]]
        return "|".join([*shown, "…"] if len(schema["enum"]) > SHOWN_CHOICES else shown)
    if "anyOf" in schema:
        kinds = dict.fromkeys(_kind(each) for each in schema["anyOf"] if each.get("type") != "null")
        return " or ".join(kinds)
    match schema.get("type"):
        case "array":
            return f"list of {_kind(schema['items'])}" if schema.get("items") else "list"
        case "string":
            return "text"
        case kind:
            return str(kind)


def _value(schema: Mapping[str, Any], name: str) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _value(schema["anyOf"][0], name)
    match schema["type"]:
        case "object":
            properties = schema.get("properties", {})
            return {key: _value(properties[key], key) for key in schema.get("required", ())}
        case "array":
            items = schema.get("prefixItems") or [schema.get("items")] * max(1, schema.get("minItems", 0))
            return [_value(each, name) for each in items if each]
        case "string":
            return _word(schema, name)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
    return None


def _word(schema: Mapping[str, Any], name: str) -> str:
    word = f"<{name}>"[: min(LONGEST_WORD, schema.get("maxLength", LONGEST_WORD))]
    return word.ljust(schema.get("minLength", 0), ".")


def _number(schema: Mapping[str, Any]) -> int | float:
    """1 where that is allowed, else the nearest whole number, else the middle."""
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    lowest, highest = schema.get("minimum", above), schema.get("maximum", below)
    if schema["type"] == "integer":
        step = schema.get("multipleOf", 1)
        nearest = max(lowest + (lowest == above), min(1, highest - (highest == below)))
        return int(math.ceil(nearest / step) * step)
    if lowest <= 1 <= highest and 1 not in (above, below):
        return 1
    return float(lowest + highest) / 2
