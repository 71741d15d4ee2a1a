"""Backstage: the catalogue's entities, page by page.

`/entities/by-query` pages by a cursor that carries the filter; catalogues older than 1.8 of the catalogue backend do
not know it (404) and are read by `/entities` with an offset.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from andon.connectors.backstage.catalogue import Entity, entity_of, topology_of
from andon.connectors.connector import Check, CheckState, ConnectorConfig
from andon.connectors.reading import Reading
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConfig, HttpConnector, Reply
from andon.telemetry import Result, Status, Topology

__all__ = ["KINDS", "PAGE", "BackstageConfig", "BackstageConnector", "BackstageScope"]

KINDS = ("component", "api", "resource", "system", "domain")
PAGE = 200
_BY_QUERY, _ENTITIES = "/api/catalog/entities/by-query", "/api/catalog/entities"
_FIELDS = "kind,metadata.name,metadata.namespace,metadata.title,metadata.description,metadata.annotations,metadata.tags,spec.type,spec.lifecycle,spec.owner,spec.system,spec.domain,spec.subcomponentOf,spec.dependsOn,spec.providesApis,spec.consumesApis,relations"
_HINT = "a static token of backend.auth.externalAccess, restricted to the plugin `catalog`"

Params = list[tuple[str, str]]


class BackstageScope(BaseModel):
    """The namespaces of the catalogue that may be read; none named means all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    namespaces: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")], ...] = ()

    def filters(self) -> Params:
        """As the API takes them: conditions within one filter are all met, one of the filters is enough."""
        homes = [f",metadata.namespace={name}" for name in self.namespaces] or [""]
        return [("filter", f"kind={kind}{home}") for kind in KINDS for home in homes]

    def admits(self, entity: Entity) -> bool:
        home = entity.ref.partition(":")[2].partition("/")[0]
        return entity.kind in KINDS and (
            not self.namespaces or home in {name.casefold() for name in self.namespaces}
        )


class BackstageConfig(HttpConfig):
    """`url` is that of Backstage's backend, without /api/catalog; a static token goes to `auth.bearer`."""

    scope: BackstageScope = BackstageScope()
    service_annotations: tuple[str, ...] = Field(
        ("backstage.io/kubernetes-id",), description="annotations that name the service as telemetry does"
    )


class BackstageConnector(HttpConnector):
    """The declared architecture: who is part of what, depends on what and is owned by whom."""

    kind = "backstage"
    title = "Backstage"
    signals = (Signal.TOPOLOGY,)
    proved = "an imitation of Backstage's catalogue API"
    Config: ClassVar[type[ConnectorConfig]] = BackstageConfig
    config: BackstageConfig

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("catalogue", self._held, _HINT)
        return (reach,) if reach.state is CheckState.FAILED else (reach, self.clock())

    def topology(self) -> Result[Topology]:
        reading = Reading(self.name)
        found: dict[str, Entity] = {}
        with reading.part():
            for items, reply, query in self._pages():
                reading.fetched(f"GET {query}", items=len(items), size=reply.size)
                for item in items:
                    entity = entity_of(item)
                    if entity is None:
                        reading.lacking(Status.PARTIAL, "entities without a kind or name were left out")
                    elif self.config.scope.admits(entity):
                        found[entity.ref] = entity
                if len(found) >= self.config.limits.items:
                    reading.lacking(Status.TRUNCATED, "more entities than limits.items")
                    break
        read = topology_of(found.values(), self.name, self.config.service_annotations)
        if read.dangling and not self.config.scope.namespaces:
            message = f"{read.dangling} relations to entities that the catalogue does not hold"
            reading.lacking(Status.PARTIAL, message)
        return reading.result(read.topology, len(read.topology.elements))

    def _pages(self) -> Iterator[tuple[list[Any], Reply, str]]:
        """Items, reply and query of each page; by offset where there is no cursor."""
        filters = self.config.scope.filters()
        params: Params = [*filters, ("limit", str(PAGE)), ("fields", _FIELDS)]
        seen: set[str] = set()
        while True:
            reply = self.wire.get(_BY_QUERY, params, accept=frozenset([404]))
            if reply.status == 404 and not seen:
                yield from self._by_offset(filters)
                return
            content = reply.json()
            items, cursor = _page(content)
            yield items, reply, _told(_BY_QUERY, params)
            if not cursor or cursor in seen:
                return
            seen.add(cursor)
            params = [("cursor", cursor), ("limit", str(PAGE)), ("fields", _FIELDS)]

    def _by_offset(self, filters: Params) -> Iterator[tuple[list[Any], Reply, str]]:
        offset = 0
        while True:
            params = [*filters, ("limit", str(PAGE)), ("offset", str(offset)), ("fields", _FIELDS)]
            reply = self.wire.get(_ENTITIES, params)
            items = reply.json()
            if not isinstance(items, list):
                raise _strange()
            yield items, reply, _told(_ENTITIES, params)
            if len(items) < PAGE:
                return
            offset += len(items)

    def _held(self) -> str:
        params = [*self.config.scope.filters(), ("limit", "1"), ("fields", "kind")]
        reply = self.wire.get(_BY_QUERY, params, accept=frozenset([404]), fresh=True)
        if reply.status == 404:
            items = self.wire.get(_ENTITIES, params, fresh=True).json()
            if not isinstance(items, list):
                raise _strange()
            return "Backstage, without paging by cursor"
        content = reply.json()
        _page(content)
        total = content.get("totalItems")
        if total == 0:
            raise Unanswered("holds no entity that we may see", status=Status.DENIED)
        return f"Backstage; {total} entities" if isinstance(total, int) else "Backstage"


def _page(content: Any) -> tuple[list[Any], str]:
    items = content.get("items") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise _strange()
    about = content.get("pageInfo")
    cursor = about.get("nextCursor") if isinstance(about, dict) else None
    return items, cursor if isinstance(cursor, str) else ""


def _told(path: str, params: Params) -> str:
    """The query without its fields, which are always the same."""
    return f"{path}?" + "&".join(f"{key}={value[:80]}" for key, value in params if key != "fields")


def _strange() -> Unanswered:
    return Unanswered("answers, but not as Backstage's catalogue does", hint="is `url` that of the backend?")
