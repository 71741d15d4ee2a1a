"""A report as JSON and back, and the JSON Schema that consumers may rely on.

Keys stand in the order of the dataclasses, so equal reports give equal bytes. Numbers that JSON does
not know (NaN, infinity) become null.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from andon.errors import ParseError
from andon.investigation.report import REPORT_SCHEMA, Report

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["from_json", "json_schema", "to_json", "write_schema"]


def to_json(report: Report) -> bytes:
    """The report as UTF-8 JSON, indented, ending with a newline."""
    plain = _plain(_adapter().dump_python(report))
    return f"{json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)}\n".encode()


def from_json(data: bytes | str, *, file: str = "report.json") -> Report:
    """The report that the JSON holds; fields that this version does not know are ignored.

    Raises ParseError when it is no JSON, of another schema, or lacks what the schema requires.
    """
    from pydantic import ValidationError

    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"this is not JSON: {error}", file=file, expected=REPORT_SCHEMA) from error
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != REPORT_SCHEMA:
        raise ParseError(f"the schema is {schema!r}", file=file, expected=REPORT_SCHEMA)
    try:
        return _adapter().validate_python(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ParseError(f"{place}: {first['msg']}", file=file, expected=REPORT_SCHEMA) from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a report."""
    schema = _adapter().json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = REPORT_SCHEMA
    schema["properties"]["schema"] |= {"const": REPORT_SCHEMA}
    return schema


def write_schema(path: Path) -> None:
    """Writes the JSON Schema, with sorted keys, to `docs/reference/report.schema.json` or wherever."""
    text = json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


@cache
def _adapter() -> TypeAdapter[Report]:
    from pydantic import TypeAdapter

    return TypeAdapter(Report)


def _plain(value: object) -> Any:
    """The value in what JSON and UTF-8 can hold: no NaN, no infinity, lone surrogates as `\\udXXX`."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
