"""Logs in Elasticsearch and OpenSearch.

Assumed, as the public documentation does not say it: in a point in time a `_shard_doc` of 2^63-1 comes after
every document of its instant, and `numeric_type` may stand beside `unmapped_type` in a sort.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import orjson

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.elasticsearch import answers, checks, queries
from andon.connectors.elasticsearch.client import SearchClient
from andon.connectors.elasticsearch.config import SearchConfig
from andon.connectors.elasticsearch.fields import Fields
from andon.connectors.elasticsearch.pages import Pages
from andon.connectors.elasticsearch.records import record_of, time_of
from andon.connectors.elasticsearch.strata import Stratum, strata
from andon.connectors.elasticsearch.views import ELASTICSEARCH, OPENSEARCH, Dialect
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.wire import HttpConnector
from andon.telemetry import LogRecord, Logs, Result, Status, Window

__all__ = ["ElasticsearchConnector", "OpenSearchConnector", "SearchConnector"]


class SearchConnector(HttpConnector):
    """What both have in common; they differ in how a point in time is opened."""

    signals = (Signal.LOGS,)
    Config: ClassVar[type[ConnectorConfig]] = SearchConfig
    config: SearchConfig
    dialect: ClassVar[Dialect]
    distribution: ClassVar[str]
    """What the server says under `version.distribution`; Elasticsearch says nothing there."""

    def __init__(self, name: str, config: Any, session: Session) -> None:
        super().__init__(name, config, session)
        self.client = SearchClient(self.wire, config, self.dialect)

    def check(self) -> tuple[Check, ...]:
        reach = checks.reach_check(self.client, self.distribution)
        if reach.state is CheckState.FAILED:
            return (reach,)
        mapped, fields = checks.fields_check(self.client)
        if fields is None:
            return reach, mapped, self.clock()
        return (
            reach,
            mapped,
            checks.logs_check(self.client, fields),
            checks.history_check(self.client, fields),
            checks.times_check(self.client, fields),
            checks.paging_check(self.client),
            self.clock(),
        )

    def logs(self, need: Need) -> Result[Logs]:
        reading = Reading(self.name)
        records: list[LogRecord] = []
        with reading.part(self.client.place):
            fields = self.client.fields()
            parts = self._strata(reading, fields, need)
            tasks = [partial(self.client.pages, fields, part) for part in parts]
            several = self.session.together(tasks, self.config.limits.requests_at_once)
            for part, pages in zip(parts, several, strict=True):
                self._note(reading, part, pages)
                records += self._records(reading, fields, part.sample.windows, pages.hits)
        return reading.result(Logs.of(records), len(records))

    def _strata(self, reading: Reading, fields: Fields, need: Need) -> list[Stratum]:
        """Counts first: all records with the levels that occur, then those that are warnings or worse."""
        whole = queries.every(fields, [need.window], need.services)
        counted = self._count(reading, whole, queries.leveled(fields))
        loud = queries.loud(fields, answers.alarming_levels(counted, fields))
        there, alarming = answers.total(counted), 0
        if loud and there:
            alarming = min(there, answers.total(self._count(reading, queries.both(whole, loud))))
        return strata(
            fields,
            need.window,
            need.services,
            loud=loud,
            there=(alarming, there - alarming),
            wanted=min(need.items, self.config.limits.items),
            slices=self.config.limits.slices,
        )

    def _count(
        self, reading: Reading, query: Mapping[str, Any], aggregations: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        answer, size = self.client.count(query, aggregations)
        reading.fetched(f"count {_sent(query)}", place=self.client.place, size=size)
        for gap in answers.gaps(answer):
            reading.lacking(gap.status, gap.message, place=self.client.place, hint=gap.hint)
        return answer

    def _note(self, reading: Reading, part: Stratum, pages: Pages) -> None:
        query = _sent(part.query)
        for size, items in pages.answers:
            reading.fetched(query, place=self.client.place, items=items, size=size, share=part.sample.share)
        for gap in pages.gaps:
            reading.lacking(gap.status, gap.message, place=self.client.place, hint=gap.hint)

    def _records(
        self, reading: Reading, fields: Fields, windows: Sequence[Window], hits: Sequence[dict[str, Any]]
    ) -> list[LogRecord]:
        """The records of the documents that lie in these windows (ascending) and in the scope."""
        starts = [window.start for window in windows]
        place, records = self.client.place, []
        for hit in hits:
            if not self.config.scope.admits(str(hit.get("_index", ""))):
                message = "a record from an index outside the scope of this source was dropped"
                hint = "an alias is admitted by the indices behind it: name those under scope.indices"
                reading.lacking(Status.DENIED, message, place=place, hint=hint)
                continue
            time = time_of(hit, fields)
            at = bisect_right(starts, time) - 1
            if at < 0 or time not in windows[at]:
                continue
            record = record_of(hit, time, fields)
            if record is None:
                message, hint = "a document without `_source`", "does its mapping switch `_source` off?"
                reading.lacking(Status.PARTIAL, message, place=place, hint=hint)
            else:
                records.append(record)
        return records


class ElasticsearchConnector(SearchConnector):
    """Log records of the indices in scope, from Elasticsearch 7.10 on."""

    kind = "elasticsearch"
    title = "Elasticsearch"
    proved = "an imitation of the search API of Elasticsearch 8"
    dialect = ELASTICSEARCH
    distribution = ""


class OpenSearchConnector(SearchConnector):
    """Log records of the indices in scope; OpenSearch knows points in time from 2.4 on."""

    kind = "opensearch"
    title = "OpenSearch"
    proved = "an imitation of the search API of OpenSearch 2"
    dialect = OPENSEARCH
    distribution = "opensearch"


def _sent(query: Mapping[str, Any]) -> str:
    return orjson.dumps(query).decode()
