"""The beginning of a file, as far as it takes to tell what the file is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from andon.connectors.files.bundle import Bundle
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.reader import FileReader

__all__ = ["Head", "read_head"]

HEAD_BYTES = 1 << 18
MOST_RECORDS = 20
_KEY = re.compile(r'"([^"\\]{1,64})"\s*:')
_JSON_START = re.compile(r'\s*(\{\s*["}]|\[\s*[{\]])')


@dataclass(frozen=True)
class Head:
    """`text` is decoded; `whole` when it is all of the file; `problems` what reading it met."""

    path: str
    text: str
    whole: bool
    binary: bool
    problems: ProblemCounter = field(default_factory=ProblemCounter)

    @property
    def name(self) -> str:
        """The file's name in lower case, without `.gz`."""
        return self.path.rsplit("/", 1)[-1].lower().removesuffix(".gz")

    @property
    def suffix(self) -> str:
        return self.name.rpartition(".")[2] if "." in self.name else ""

    @cached_property
    def lines(self) -> list[str]:
        """Whole lines; of a file that fits on one line, that line."""
        lines = [line.rstrip("\r") for line in self.text.split("\n")]
        return lines if self.whole or len(lines) == 1 else lines[:-1]

    @property
    def looks_like_json(self) -> bool:
        return _JSON_START.match(self.text) is not None

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every text that stands where a JSON key does, at any depth."""
        return frozenset(_KEY.findall(self.text))

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """The first JSON objects of lines, of an array, or of an array inside an object; else the object itself."""
        lines = [line for line in self.lines if line.strip()]
        if len(lines) > 1 and (first := _loads(lines[0])) and isinstance(first, dict):
            return [value for line in lines[:MOST_RECORDS] if isinstance(value := _loads(line), dict)]
        text = self.text.lstrip()
        if text.startswith("{"):
            value = _loads(text) if self.whole else None
            if isinstance(value, dict) and not any(_holds_objects(inner) for inner in value.values()):
                return [value]
            text = text[max(text.find("["), 0) :]
        return _array_items(text)


def read_head(bundle: Bundle, path: str) -> Head:
    """The first 256 KiB, unpacked and decoded; never raises."""
    problems = ProblemCounter()
    parts: list[bytes] = []
    size = 0
    whole = True
    for chunk in FileReader(path, bundle, problems).chunks():
        parts.append(chunk[: HEAD_BYTES - size])
        size += len(chunk)
        if size > HEAD_BYTES:
            whole = False
            break
    raw = b"".join(parts)
    return Head(path, raw.decode("utf-8", "replace"), whole, raw.count(0) > len(raw) // 100, problems)


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _array_items(text: str) -> list[dict[str, Any]]:
    decoder = json.JSONDecoder()
    items: list[dict[str, Any]] = []
    at = text.find("{")
    while at >= 0 and len(items) < MOST_RECORDS:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        if isinstance(value, dict):
            items.append(value)
        at = text.find("{", end)
    return items
