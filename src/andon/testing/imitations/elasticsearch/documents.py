"""Indices, their documents and what a field of a document holds.

Types: `date` (milliseconds), `date_nanos`, `keyword`, `text`, `long`. A field `x.keyword` holds what `x`
does. No dynamic mapping: a field that the mapping does not name can be fetched and not searched.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from andon.testing.imitations.elasticsearch.failures import Failure

__all__ = ["LOG_MAPPING", "Document", "Index", "instant", "resolve", "tokens"]

LOG_MAPPING: Mapping[str, str] = {
    "@timestamp": "date",
    "message": "text",
    "log.level": "keyword",
    "service.name": "keyword",
    "trace.id": "keyword",
    "host.name": "keyword",
    "error.message": "text",
}
"""As the Elastic Common Schema has it."""
_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?")
_TOKEN = re.compile(r"\w+(?:[.']\w+)*")


@dataclass(frozen=True, slots=True)
class Document:
    """One document; `id` is unique in its index."""

    id: str
    source: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Index:
    """An index; `stream` is the data stream that it is a part of, `aliases` its other names."""

    name: str
    documents: Sequence[Document]
    mapping: Mapping[str, str] = field(default_factory=lambda: LOG_MAPPING)
    shards: int = 2
    stream: str = ""
    aliases: Sequence[str] = ()
    max_result_window: int = 10_000

    @property
    def names(self) -> tuple[str, ...]:
        return (self.stream or self.name, *self.aliases)

    def shard_of(self, document: Document) -> int:
        return zlib.crc32(document.id.encode()) % self.shards

    def values(self, document: Document, name: str) -> list[Any]:
        """What the index holds of a field, in the form that it compares."""
        kind = self.mapping.get(name, "")
        if not kind:
            return []
        return [_indexed(value, kind) for value in _found(document.source, name.removesuffix(".keyword"))]


def tokens(text: str) -> list[str]:
    """The words of a text as the standard analyzer cuts and lowers them, nearly."""
    return [token.lower() for token in _TOKEN.findall(text)]


def instant(value: Any, kind: str = "date") -> int:
    """Milliseconds, or nanoseconds for `date_nanos`, of a number of milliseconds or an ISO 8601 text."""
    scale = 1_000_000 if kind == "date_nanos" else 1
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value * scale)
    match = _ISO.fullmatch(str(value))
    if match is None:
        raise Failure(
            "parse_exception", f"failed to parse date field [{value}] with format [strict_date_optional_time]"
        )
    zone = (match[3] or "Z").replace("Z", "+00:00")
    seconds = int(datetime.fromisoformat(match[1] + zone).astimezone(UTC).timestamp())
    nanos = seconds * 10**9 + int((match[2] or "0").ljust(9, "0"))
    return nanos * scale // 1_000_000


def resolve(indices: Sequence[Index], expression: str) -> list[Index]:
    """The indices of an expression with commas and `*`. Raises Failure for a name that is not there."""
    chosen: dict[str, Index] = {}
    for part in expression.split(","):
        if part.startswith("-") or "<" in part:
            raise Failure("invalid_index_name_exception", f"Invalid index name [{part}]")
        found = [
            index for index in indices if any(fnmatchcase(name, part) for name in (index.name, *index.names))
        ]
        if not found and "*" not in part:
            raise Failure("index_not_found_exception", f"no such index [{part}]", 404)
        chosen |= {index.name: index for index in found if not ("*" in part and _hidden(index))}
    return list(chosen.values())


def _hidden(index: Index) -> bool:
    return index.name.startswith(".") and not index.stream


def _indexed(value: Any, kind: str) -> Any:
    if kind in ("date", "date_nanos"):
        return instant(value, kind)
    return int(value) if kind == "long" else str(value)


def _found(source: Any, path: str) -> Iterator[Any]:
    """Every value under a path, however its dots are nested, lists flattened, null left out."""
    if isinstance(source, list):
        for one in source:
            yield from _found(one, path)
    elif not path:
        if source is not None and not isinstance(source, dict):
            yield source
    elif isinstance(source, dict):
        for key, inner in source.items():
            if key == path:
                yield from _found(inner, "")
            elif path.startswith(f"{key}."):
                yield from _found(inner, path[len(key) + 1 :])
