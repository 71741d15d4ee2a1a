"""Backstage's catalogue backend: entities by query with a cursor, and by offset, with filters and fields.

By query, 20 entities come unless a limit asks for another number, the cursor carries filter and place, and one that
cannot be read is an InputError. No ordering but by reference, no full text, no policies.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from andon.testing.imitation import Asked, Imitation, Told, json_told

__all__ = ["BackstageImitation"]

_USUAL_PAGE = 20


class BackstageImitation(Imitation):
    """Holds `entities` as the API states them; an `old` backend knows no by-query."""

    def __init__(
        self, entities: Sequence[Mapping[str, Any]] = (), *, old: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        self.entities = tuple(entities)
        self.old = old

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/api/catalog/entities/by-query" and not self.old:
            return self._by_query(asked)
        if asked.path == "/api/catalog/entities":
            start = int(asked.param("offset") or 0)
            found = self._found(asked.every("filter"))[start:]
            limit = int(asked.param("limit") or len(found))
            return json_told([_picked(one, asked.param("fields")) for one in found[:limit]])
        return json_told({"error": {"name": "NotFoundError", "message": f"{asked.path} not found"}}, 404)

    def _by_query(self, asked: Asked) -> Told:
        limit, start, filters = int(asked.param("limit") or _USUAL_PAGE), 0, list(asked.every("filter"))
        if asked.param("cursor"):
            try:
                content = orjson.loads(base64.b64decode(asked.param("cursor"), validate=True))
                start, filters = int(content["start"]), list(content["filters"])
            except (ValueError, KeyError, TypeError):
                return json_told({"error": {"name": "InputError", "message": "Malformed cursor"}}, 400)
        found = self._found(filters)
        about = {}
        if start + limit < len(found):
            cursor = orjson.dumps({"start": start + limit, "filters": filters})
            about["nextCursor"] = base64.b64encode(cursor).decode()
        items = [_picked(one, asked.param("fields")) for one in found[start : start + limit]]
        return json_told({"items": items, "totalItems": len(found), "pageInfo": about})

    def _found(self, filters: Sequence[str]) -> list[Mapping[str, Any]]:
        found = [one for one in self.entities if not filters or any(_meets(one, text) for text in filters)]
        return sorted(found, key=lambda one: (str(one.get("kind")), str(one.get("metadata", {}).get("name"))))


def _meets(entity: Mapping[str, Any], text: str) -> bool:
    """All conditions of one filter, each `path=value`, or `path` alone for its mere presence."""
    conditions: dict[str, set[str]] = {}
    for part in text.split(","):
        path, _, value = part.partition("=")
        conditions.setdefault(path, set()).add(value.casefold())
    for path, values in conditions.items():
        here = _at(entity, path)
        if path == "metadata.namespace":
            here = here or "default"
        if here is None or (values != {""} and str(here).casefold() not in values):
            return False
    return True


def _at(entity: Any, path: str) -> Any:
    for key in path.split("."):
        entity = entity.get(key) if isinstance(entity, Mapping) else None
    return entity


def _picked(entity: Mapping[str, Any], fields: str) -> dict[str, Any]:
    if not fields:
        return dict(entity)
    picked: dict[str, Any] = {}
    for path in fields.split(","):
        value = _at(entity, path)
        if value is None:
            continue
        *parents, last = path.split(".")
        here = picked
        for key in parents:
            here = here.setdefault(key, {})
        here[last] = value
    return picked
