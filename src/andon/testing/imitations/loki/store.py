"""The entries of one tenant, in order of time, and the queries on them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import orjson

from andon.telemetry import Logs, Window
from andon.testing.imitations.loki.logql import LogQuery, MetricQuery

__all__ = ["LokiEntry", "LokiStream", "Store"]

_LEVELS = (
    (21, "critical"),
    (17, "error"),
    (13, "warn"),
    (9, "info"),
    (5, "debug"),
    (1, "trace"),
    (0, "unknown"),
)
"""The words that Loki itself writes as `detected_level`, by the OpenTelemetry severity at which they begin."""


@dataclass(frozen=True, slots=True)
class LokiEntry:
    """One line of a stream: Unix nanoseconds, structured metadata."""

    ns: int
    line: str
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class LokiStream:
    """Entries that have the same labels."""

    labels: Mapping[str, str]
    entries: tuple[LokiEntry, ...]


class Store:
    """Entries of all streams, ordered by time, then by stream, then as they came."""

    def __init__(self, streams: Iterable[LokiStream]) -> None:
        self.streams = tuple(streams)
        self._labels = [stream.labels for stream in self.streams]
        rows = [(entry.ns, i, entry) for i, stream in enumerate(self.streams) for entry in stream.entries]
        rows.sort(key=lambda row: row[:2])
        self._times = [row[0] for row in rows]
        self._stream_of = [row[1] for row in rows]
        self._entries = [row[2] for row in rows]

    @classmethod
    def of_logs(cls, logs: Logs) -> Store:
        """Recorded logs as an agent would have sent them: `service_name` as label, level and trace id as metadata."""
        by_service: dict[str, list[LokiEntry]] = {}
        shared: dict[tuple[int, str], Mapping[str, str]] = {}
        for record in logs:
            key = (record.severity, record.trace_id)
            metadata = shared.get(key)
            if metadata is None:
                level = next(word for number, word in _LEVELS if record.severity >= number)
                found = {"detected_level": level}
                if record.trace_id:
                    found["trace_id"] = record.trace_id
                metadata = shared[key] = MappingProxyType(found)
            ns = round(record.time * 1e6) * 1000
            entries = by_service.setdefault(record.service or "unknown_service", [])
            entries.append(LokiEntry(ns, record.body, metadata))
        return cls(LokiStream({"service_name": name}, tuple(rows)) for name, rows in by_service.items())

    def labels(self, start: int, end: int, query: LogQuery | None = None) -> list[Mapping[str, str]]:
        """The labels of the streams with entries in [start, end)."""
        low, high = self._span(start, end)
        found = sorted(set(self._stream_of[low:high]))
        return [self._labels[i] for i in found if query is None or query.selects(self._labels[i])]

    def stats(self, query: LogQuery, start: int, end: int) -> dict[str, int]:
        """What `index/stats` says, exactly."""
        low, high = self._span(start, end)
        selected = self._selected(query)
        streams, entries, size = set(), 0, 0
        for row in range(low, high):
            if self._stream_of[row] in selected:
                streams.add(self._stream_of[row])
                entries += 1
                size += len(self._entries[row].line.encode())
        return {"streams": len(streams), "chunks": len(streams), "entries": entries, "bytes": size}

    def matching(self, query: LogQuery, start: int, end: int, backward: bool = False) -> Iterator[int]:
        """The rows that a log query means, in ascending time or in descending."""
        low, high = self._span(start, end)
        rows = range(high - 1, low - 1, -1) if backward else range(low, high)
        selected = self._selected(query)
        known: dict[tuple[int, int], bool] = {}
        for row in rows:
            stream, entry = self._stream_of[row], self._entries[row]
            if stream not in selected:
                continue
            if query.labels:
                key = stream, id(entry.metadata)
                if key not in known:
                    known[key] = query.admits_labels({**self._labels[stream], **entry.metadata})
                if not known[key]:
                    continue
            if not query.lines or query.admits_line(entry.line):
                yield row

    def measured(self, query: MetricQuery, end: int) -> list[tuple[dict[str, str], float]]:
        """The value of a metric query for the range (end - range, end], by labels."""
        totals: dict[tuple[tuple[str, str], ...], float] = {}
        known: dict[tuple[int, int], tuple[tuple[str, str], ...]] = {}
        for row in self.matching(query.query, end - query.range + 1, end + 1):
            stream, entry = self._stream_of[row], self._entries[row]
            key = stream, id(entry.metadata)
            if key not in known:
                labels = {**self._labels[stream], **entry.metadata}
                names = labels if query.by is None else [name for name in query.by if name in labels]
                known[key] = tuple((name, labels[name]) for name in sorted(names))
            worth = 1 if query.of == "count_over_time" else len(entry.line.encode())
            totals[known[key]] = totals.get(known[key], 0.0) + worth
        return [(dict(labels), total) for labels, total in totals.items()]

    def told(self, rows: Iterable[int], categorized: bool) -> list[dict[str, Any]]:
        """Rows as streams of the API; structured metadata is part of the stream's labels unless categorized."""
        found: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in rows:
            stream, entry = self._stream_of[row], self._entries[row]
            value: list[Any] = [str(entry.ns), entry.line]
            key: tuple[Any, ...] = (stream,)
            labels = self._labels[stream]
            if categorized:
                value.append({"structuredMetadata": dict(entry.metadata)} if entry.metadata else {})
            elif entry.metadata:
                key = (stream, *sorted(entry.metadata.items()))
                labels = {**labels, **entry.metadata}
            found.setdefault(key, {"stream": dict(labels), "values": []})["values"].append(value)
        return list(found.values())

    def held_bytes(self, window: Window) -> int:
        """Bytes of all entries of a window as the API would return them in one answer."""
        low, high = self._span(round(window.start * 1e9), round(window.end * 1e9))
        return len(orjson.dumps(self.told(range(low, high), categorized=True)))

    def _span(self, start: int, end: int) -> tuple[int, int]:
        return bisect_left(self._times, start), bisect_left(self._times, end)

    def _selected(self, query: LogQuery) -> frozenset[int]:
        return frozenset(i for i, labels in enumerate(self._labels) if query.selects(labels))
