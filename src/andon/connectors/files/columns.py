"""What parsers gather: logs and spans column by column, everything else as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from andon.connectors.files.text_column import AttributeColumn, TextColumn
from andon.telemetry import ChangeEvent, Logs, MetricSeries, Spans, Topology

__all__ = ["Collected", "Interned", "LogColumns", "SpanColumns"]

HELD_ROWS = 8192
"""Rows that wait as Python objects before they become columns."""

LogRow = tuple[float, int, str, str, str, Mapping[str, Any]]
SpanRow = tuple[str, str, str, str, str, str, str, int, float, float, bool]
_SPAN_NUMBERS = {"kinds": np.int8, "starts": np.float64, "durations": np.float64, "errors": np.bool_}


class Interned(dict[str, int]):
    """Texts to the codes they were given in order of arrival: `codes[text]` always answers."""

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self)
        return code

    def codes(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return np.fromiter(map(self.__getitem__, texts), dtype=np.int32, count=len(texts))


@dataclass
class _Numbers:
    """Arrays that become one column."""

    dtype: type[np.generic]
    parts: list[NDArray[Any]] = field(default_factory=list)

    def add(self, values: Sequence[Any] | NDArray[Any]) -> None:
        self.parts.append(np.asarray(values, dtype=self.dtype))

    def whole(self, order: NDArray[np.intp] | None = None) -> NDArray[Any]:
        """All of them, after which the parts are one."""
        joined = np.concatenate(self.parts) if self.parts else np.zeros(0, self.dtype)
        self.parts = [joined]
        return joined if order is None else joined[order]


class LogColumns:
    """Log records as they are read, in any order."""

    def __init__(self) -> None:
        self.services = Interned()
        self._times, self._severities = _Numbers(np.float64), _Numbers(np.int8)
        self._service_codes = _Numbers(np.int32)
        self._bodies, self._trace_ids, self._attributes = TextColumn(), TextColumn(), AttributeColumn()
        self._held: list[LogRow] = []

    def __len__(self) -> int:
        return len(self._bodies) + len(self._held)

    def add(
        self,
        time: float,
        severity: int,
        service: str,
        body: str,
        trace_id: str,
        attributes: Mapping[str, Any],
    ) -> None:
        self._held.append((time, severity, service, body, trace_id, attributes))
        if len(self._held) >= HELD_ROWS:
            self._flush()

    def extend(
        self,
        times: Sequence[float] | NDArray[np.float64],
        severities: Sequence[int],
        services: Sequence[str],
        bodies: Sequence[str],
        trace_ids: Sequence[str] = (),
        attributes: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Many records at once; no trace ids and no attributes mean that none has any."""
        self._flush()
        self._times.add(times)
        self._severities.add(severities)
        self._service_codes.add(self.services.codes(services))
        self._bodies.extend(bodies)
        self._trace_ids.extend(trace_ids) if trace_ids else self._trace_ids.skip(len(bodies))
        self._attributes.extend(attributes) if attributes else self._attributes.skip(len(bodies))

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, []
            self.extend(*zip(*held, strict=True))

    def absorb(self, other: LogColumns) -> None:
        """Appends the records of another."""
        self._flush()
        other._flush()
        self._service_codes.add(self.services.codes(list(other.services))[other._service_codes.whole()])
        self._times.add(other._times.whole())
        self._severities.add(other._severities.whole())
        self._bodies.absorb(other._bodies)
        self._trace_ids.absorb(other._trace_ids)
        self._attributes.absorb(other._attributes)

    def logs(self) -> Logs:
        """The records in ascending time (stable)."""
        self._flush()
        times = self._times.whole()
        order = _order(times)
        return Logs(
            times=times if order is None else times[order],
            severities=self._severities.whole(order),
            service_codes=self._service_codes.whole(order),
            services=list(self.services),
            bodies=self._bodies.texts(order),
            trace_ids=self._trace_ids.texts(order) if self._trace_ids.filled else (),
            attributes=self._attributes.mappings(order) if self._attributes.filled else (),
        )


class SpanColumns:
    """Spans as they are read, in any order."""

    def __init__(self) -> None:
        self.services, self.names, self.peers = Interned(), Interned(), Interned({"": 0})
        self._texts = [TextColumn() for _ in range(4)]
        self._codes = [_Numbers(np.int32) for _ in range(3)]
        self._numbers = [_Numbers(dtype) for dtype in _SPAN_NUMBERS.values()]
        self._held: list[SpanRow] = []

    def __len__(self) -> int:
        return len(self._texts[0]) + len(self._held)

    @property
    def _tables(self) -> tuple[Interned, Interned, Interned]:
        return self.services, self.names, self.peers

    def add(
        self,
        trace_id: str,
        span_id: str,
        parent_id: str,
        service: str,
        name: str,
        kind: int,
        start: float,
        duration: float,
        error: bool,
        peer: str,
        message: str,
    ) -> None:
        self._held.append(
            (trace_id, span_id, parent_id, message, service, name, peer, kind, start, duration, error)
        )
        if len(self._held) >= HELD_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._held:
            return
        held: list[Any] = list(zip(*self._held, strict=True))
        self._held = []
        for texts, column in zip(self._texts, held[:4], strict=True):
            texts.extend(column)
        for codes, table, column in zip(self._codes, self._tables, held[4:7], strict=True):
            codes.add(table.codes(column))
        for numbers, column in zip(self._numbers, held[7:], strict=True):
            numbers.add(column)

    def absorb(self, other: SpanColumns) -> None:
        """Appends the spans of another."""
        self._flush()
        other._flush()
        for texts, more in zip(self._texts, other._texts, strict=True):
            texts.absorb(more)
        for codes, table, more_codes, more_table in zip(
            self._codes, self._tables, other._codes, other._tables, strict=True
        ):
            codes.add(table.codes(list(more_table))[more_codes.whole()])
        for numbers, more_numbers in zip(self._numbers, other._numbers, strict=True):
            numbers.add(more_numbers.whole())

    def spans(self) -> Spans:
        """The spans in ascending start (stable)."""
        self._flush()
        kinds, starts, durations, errors = self._numbers
        order = _order(starts.whole())
        trace_ids, span_ids, parent_ids, messages = self._texts
        service_codes, name_codes, peer_codes = (codes.whole(order) for codes in self._codes)
        return Spans(
            trace_ids=trace_ids.texts(order),
            span_ids=span_ids.texts(order),
            parent_ids=parent_ids.texts(order),
            service_codes=service_codes,
            services=list(self.services),
            name_codes=name_codes,
            names=list(self.names),
            peer_codes=peer_codes,
            peers=list(self.peers),
            kinds=kinds.whole(order),
            starts=starts.whole(order),
            durations=durations.whole(order),
            errors=errors.whole(order),
            messages=messages.texts(order) if messages.filled else (),
        )


@dataclass
class Collected:
    """Where parsers put what they read; each format fills the part of its signal."""

    metrics: list[MetricSeries] = field(default_factory=list)
    logs: LogColumns = field(default_factory=LogColumns)
    spans: SpanColumns = field(default_factory=SpanColumns)
    changes: list[ChangeEvent] = field(default_factory=list)
    topologies: list[Topology] = field(default_factory=list)

    def count(self) -> int:
        """How many items were read so far, of all signals."""
        elements = sum(len(topology.elements) for topology in self.topologies)
        return len(self.metrics) + len(self.logs) + len(self.spans) + len(self.changes) + elements

    def absorb(self, other: Collected) -> None:
        """Appends what another gathered, which must not be used afterwards."""
        self.metrics += other.metrics
        self.logs.absorb(other.logs)
        self.spans.absorb(other.spans)
        self.changes += other.changes
        self.topologies += other.topologies


def _order(times: NDArray[np.float64]) -> NDArray[np.intp] | None:
    """The sorting permutation, None when the times ascend already."""
    if len(times) < 2 or bool(np.all(times[1:] >= times[:-1])):
        return None
    return np.argsort(times, kind="stable")
