"""What is asked of the search API: which fields there are, how many records, and all of them page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from andon.connectors.elasticsearch import answers, queries
from andon.connectors.elasticsearch.config import SearchConfig
from andon.connectors.elasticsearch.fields import Fields, asked_for, found
from andon.connectors.elasticsearch.pages import Broken, Pages, read
from andon.connectors.elasticsearch.refusals import ask
from andon.connectors.elasticsearch.strata import Stratum
from andon.connectors.elasticsearch.views import Dialect, View
from andon.connectors.wire import Wire

__all__ = ["SearchClient"]

_PATIENCE = 0.8
"""Part of limits.timeout after which the server itself shall stop and tell what it found."""


class SearchClient:
    """The indices in scope of one server. Its methods raise Unanswered."""

    def __init__(self, wire: Wire, config: SearchConfig, dialect: Dialect) -> None:
        self.wire = wire
        self.config = config
        self.dialect = dialect
        self.place = config.scope.expression
        self._patience = config.limits.timeout * _PATIENCE

    def fields(self) -> Fields:
        names = self.config.fields
        params = {"fields": ",".join(asked_for(names))}
        answer, _ = ask(self.wire, "GET", f"/{self.place}/_field_caps", params=params)
        return found(answer, names)

    def count(
        self, query: Mapping[str, Any], aggregations: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], int]:
        """The answer to a search that fetches nothing, with its total, and its size in bytes."""
        body = queries.count(query, self._patience, aggregations)
        answer, reply = ask(self.wire, "POST", f"/{self.place}/_search", json=body)
        answers.total(answer)
        return answer, reply.size

    def pages(self, fields: Fields, stratum: Stratum) -> Pages:
        """The records of a stratum; the same one is read once in a run, unless it broke off. Never raises Unanswered."""
        body = queries.page(fields, stratum.query, self.config.page, self._patience)
        most = 2 * stratum.expected + self.config.page
        key = (self.wire.source, "pages", most, orjson.dumps(body))
        try:
            return self.wire.session.once(key, lambda: read(self.view(), body, most))
        except Broken as broken:
            return broken.pages

    def view(self) -> View:
        return View(self.wire, self.dialect, self.place, self.config.keep_alive)
