"""JSON schemas as the engine's grammar knows them: narrower than what was asked for, never wider, and with an end.

The engine knows a part of JSON Schema and *silently ignores the whole schema* when a word of it is not in that
part, so only words known to work are let through. A tiny model writes on until something stops it, so
strings, arrays and numbers get bounds where none are stated. What is lost (patterns with look-around,
uniqueItems, formats) is for the caller to check with the schema that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["COMPACT", "LONGEST_STRING", "LONGEST_TEXT", "MOST_ITEMS", "narrowed"]

Schema = dict[str, Any]

COMPACT = {"x-guidance": {"whitespace_flexible": False}}
"""Beside the outermost schema: no white space between words, for a tiny model fills its tokens with it."""

LONGEST_STRING = 300
LONGEST_TEXT = 1200
MOST_ITEMS = 8
LARGEST_NUMBER = 10**15
STEP = 0.001
"""Of numbers that may have a fraction: its digits must end."""
DEEPEST = 3
"""How often a schema may contain itself."""

_KEY = "^[A-Za-z0-9_.:/ -]{1,40}$"
_DATE = r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_HEX = "[0-9a-f]"
_FORMATS = {
    "date": f"^{_DATE}$",
    "date-time": f"^{_DATE}T{_TIME}Z$",
    "time": f"^{_TIME}$",
    "duration": "^PT[0-9]{1,6}S$",
    "uuid": f"^{_HEX}{{8}}-{_HEX}{{4}}-4{_HEX}{{3}}-[89ab]{_HEX}{{3}}-{_HEX}{{12}}$",
}
_UNKNOWN_IN_PATTERNS = re.compile(r"\(\?|\\[bBAzZpPkgG0-9]")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_SIMPLE: tuple[Schema, ...] = (
    {"type": "string", "maxLength": LONGEST_STRING},
    {"type": "integer", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER},
    {"type": "boolean"},
    {"type": "null"},
)


def narrowed(schema: Mapping[str, Any]) -> Schema | None:
    """The schema without references, with bounds, in the engine's words; None when nothing finite fits it."""
    return _Narrowing(schema.get("$defs") or schema.get("definitions") or {}).of(schema)


class _Narrowing:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._inside: list[str] = []

    def of(self, schema: Any) -> Schema | None:
        if schema is False:
            return None
        if not isinstance(schema, Mapping):
            return {"anyOf": list(_SIMPLE)}
        if "$ref" in schema:
            return self._referred(schema)
        if "allOf" in schema:
            return self.of(_merged(schema))
        if "const" in schema:
            return {"enum": [schema["const"]]}
        if "enum" in schema:
            return {"enum": list(schema["enum"])} if schema["enum"] else None
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return self._any(schema[word])
        return self._typed(schema)

    def _referred(self, schema: Mapping[str, Any]) -> Schema | None:
        name = str(schema["$ref"]).rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")
        if name not in self._definitions or self._inside.count(name) >= DEEPEST:
            return None
        self._inside.append(name)
        found = self.of(self._definitions[name])
        self._inside.pop()
        return found

    def _any(self, options: list[Any]) -> Schema | None:
        possible = [found for option in options if (found := self.of(option)) is not None]
        return possible[0] if len(possible) == 1 else {"anyOf": possible} if possible else None

    def _typed(self, schema: Mapping[str, Any]) -> Schema | None:
        kind = schema.get("type") or _implied(schema)
        match kind:
            case list():
                return self._any([{**schema, "type": each} for each in kind])
            case "object":
                return self._object(schema)
            case "array":
                return self._array(schema)
            case "string":
                return _string(schema)
            case "integer" | "number":
                return _number(schema, kind)
            case "boolean" | "null":
                return {"type": kind}
        return {"anyOf": list(_SIMPLE)}

    def _object(self, schema: Mapping[str, Any]) -> Schema | None:
        required = list(schema.get("required", ()))
        if not schema.get("properties") and not required:
            return self._map(schema)
        stated = schema.get("properties", {})
        unstated: Schema = {name: {} for name in required if name not in stated}
        properties = {
            name: found
            for name, each in {**stated, **unstated}.items()
            if (found := self.of(each)) is not None
        }
        if not set(required) <= set(properties):
            return None
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _map(self, schema: Mapping[str, Any]) -> Schema | None:
        """An object of free names, which need bounds too."""
        values = schema.get("additionalProperties", "properties" not in schema)
        each = self.of(values) if values is not False else None
        fewest = schema.get("minProperties", 0)
        if each is None:
            return None if fewest else {"type": "object", "properties": {}, "additionalProperties": False}
        return {
            "type": "object",
            "patternProperties": {_KEY: each},
            "additionalProperties": False,
            "minProperties": fewest,
            "maxProperties": schema.get("maxProperties", max(MOST_ITEMS, fewest)),
        }

    def _array(self, schema: Mapping[str, Any]) -> Schema | None:
        fewest = schema.get("minItems", 0)
        if "prefixItems" in schema:
            first = [self.of(each) for each in schema["prefixItems"]]
            if None in first or fewest > len(first):
                return None
            count = len(first)
            return {
                "type": "array",
                "prefixItems": first,
                "items": False,
                "minItems": count,
                "maxItems": count,
            }
        each = self.of(schema.get("items", True))
        if each is None or schema.get("maxItems") == 0:
            return None if fewest else {"type": "array", "maxItems": 0}
        most = max(MOST_ITEMS, fewest)
        return {
            "type": "array",
            "items": each,
            "minItems": fewest,
            "maxItems": min(most, schema.get("maxItems", most)),
        }


def _string(schema: Mapping[str, Any]) -> Schema:
    shortest = schema.get("minLength", 0)
    found: Schema = {
        "type": "string",
        "minLength": shortest,
        "maxLength": schema.get("maxLength", max(LONGEST_STRING, shortest)),
    }
    pattern = schema.get("pattern")
    if schema.get("format") in _FORMATS:
        return {"type": "string", "pattern": _FORMATS[schema["format"]]}
    if isinstance(pattern, str) and not _UNKNOWN_IN_PATTERNS.search(pattern):
        found["pattern"] = pattern
    return found


def _number(schema: Mapping[str, Any], kind: str) -> Schema:
    found: Schema = {"type": kind}
    found |= {word: schema[word] for word in _NUMBERS if type(schema.get(word)) in (int, float)}
    if not {"minimum", "exclusiveMinimum"} & set(found):
        found["minimum"] = min(-LARGEST_NUMBER, found.get("maximum", 0), found.get("exclusiveMaximum", 0))
    if not {"maximum", "exclusiveMaximum"} & set(found):
        found["maximum"] = max(LARGEST_NUMBER, found.get("minimum", 0), found.get("exclusiveMinimum", 0))
    highest = min(found[word] for word in ("maximum", "exclusiveMaximum") if word in found)
    lowest = max(found[word] for word in ("minimum", "exclusiveMinimum") if word in found)
    if "multipleOf" in schema:
        found["multipleOf"] = schema["multipleOf"]
    elif kind == "number" and highest - lowest > 10 * STEP:
        found["multipleOf"] = STEP
    return found


def _implied(schema: Mapping[str, Any]) -> str | None:
    """The type of a schema that states none but says something of one."""
    if {"properties", "required", "additionalProperties"} & set(schema):
        return "object"
    return "array" if {"items", "prefixItems"} & set(schema) else None


def _merged(schema: Mapping[str, Any]) -> Schema:
    """What all of `allOf` say, taken together; a reference among them counts only alone, as pydantic writes it."""
    rest: Schema = {word: value for word, value in schema.items() if word != "allOf"}
    for part in schema["allOf"]:
        for word, value in part.items():
            if word == "properties":
                rest[word] = {**rest.get(word, {}), **value}
            elif word == "required":
                rest[word] = [*rest.get(word, []), *value]
            else:
                rest[word] = value
    return rest
