"""Logs and spans gathered column by column, without an object per record."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from andon.telemetry import ChangeEvent, Logs, MetricSeries, Spans, Topology

__all__ = ["Collected", "Interned", "LogColumns", "SpanColumns"]

T = TypeVar("T")


class Interned(dict[str, int]):
    """Texts to the codes they were given in order of arrival: `codes[text]` always answers."""

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self)
        return code


@dataclass
class LogColumns:
    """Log records as they are read, in any order."""

    times: array[float] = field(default_factory=lambda: array("d"))
    severities: array[int] = field(default_factory=lambda: array("b"))
    service_codes: array[int] = field(default_factory=lambda: array("i"))
    services: Interned = field(default_factory=Interned)
    bodies: list[str] = field(default_factory=list)
    trace_ids: list[str] = field(default_factory=list)
    attributes: list[Mapping[str, Any]] = field(default_factory=list)

    def add(
        self,
        time: float,
        severity: int,
        service: str,
        body: str,
        trace_id: str,
        attributes: Mapping[str, Any],
    ) -> None:
        self.times.append(time)
        self.severities.append(severity)
        self.service_codes.append(self.services[service])
        self.bodies.append(body)
        self.trace_ids.append(trace_id)
        self.attributes.append(attributes)

    def logs(self) -> Logs:
        """The records in ascending time (stable)."""
        times = np.array(self.times, dtype=np.float64)
        order = _order(times)
        return Logs(
            times=times if order is None else times[order],
            severities=_arranged(np.array(self.severities, dtype=np.int8), order),
            service_codes=_arranged(np.array(self.service_codes, dtype=np.int32), order),
            services=list(self.services),
            bodies=_listed(self.bodies, order),
            trace_ids=_listed(self.trace_ids, order) if any(self.trace_ids) else (),
            attributes=_listed(self.attributes, order) if any(self.attributes) else (),
        )


def _peers() -> Interned:
    return Interned({"": 0})


@dataclass
class SpanColumns:
    """Spans as they are read, in any order."""

    trace_ids: list[str] = field(default_factory=list)
    span_ids: list[str] = field(default_factory=list)
    parent_ids: list[str] = field(default_factory=list)
    service_codes: array[int] = field(default_factory=lambda: array("i"))
    services: Interned = field(default_factory=Interned)
    name_codes: array[int] = field(default_factory=lambda: array("i"))
    names: Interned = field(default_factory=Interned)
    peer_codes: array[int] = field(default_factory=lambda: array("i"))
    peers: Interned = field(default_factory=_peers)
    kinds: array[int] = field(default_factory=lambda: array("b"))
    starts: array[float] = field(default_factory=lambda: array("d"))
    durations: array[float] = field(default_factory=lambda: array("d"))
    errors: array[int] = field(default_factory=lambda: array("b"))
    messages: list[str] = field(default_factory=list)

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
        self.trace_ids.append(trace_id)
        self.span_ids.append(span_id)
        self.parent_ids.append(parent_id)
        self.service_codes.append(self.services[service])
        self.name_codes.append(self.names[name])
        self.peer_codes.append(self.peers[peer])
        self.kinds.append(kind)
        self.starts.append(start)
        self.durations.append(duration)
        self.errors.append(error)
        self.messages.append(message)

    def spans(self) -> Spans:
        """The spans in ascending start (stable)."""
        starts = np.array(self.starts, dtype=np.float64)
        order = _order(starts)
        return Spans(
            trace_ids=_listed(self.trace_ids, order),
            span_ids=_listed(self.span_ids, order),
            parent_ids=_listed(self.parent_ids, order),
            service_codes=_arranged(np.array(self.service_codes, dtype=np.int32), order),
            services=list(self.services),
            name_codes=_arranged(np.array(self.name_codes, dtype=np.int32), order),
            names=list(self.names),
            peer_codes=_arranged(np.array(self.peer_codes, dtype=np.int32), order),
            peers=list(self.peers),
            kinds=_arranged(np.array(self.kinds, dtype=np.int8), order),
            starts=_arranged(starts, order),
            durations=_arranged(np.array(self.durations, dtype=np.float64), order),
            errors=_arranged(np.array(self.errors, dtype=np.bool_), order),
            messages=_listed(self.messages, order) if any(self.messages) else (),
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
        return (
            len(self.metrics)
            + len(self.logs.bodies)
            + len(self.spans.span_ids)
            + len(self.changes)
            + sum(len(topology.elements) for topology in self.topologies)
        )


def _order(times: NDArray[np.float64]) -> NDArray[np.intp] | None:
    """The sorting permutation, None when the times ascend already."""
    if len(times) < 2 or bool(np.all(times[1:] >= times[:-1])):
        return None
    return np.argsort(times, kind="stable")


def _arranged(values: NDArray[Any], order: NDArray[np.intp] | None) -> NDArray[Any]:
    return values if order is None else values[order]


def _listed(values: Sequence[T], order: NDArray[np.intp] | None) -> Sequence[T]:
    return values if order is None else [values[i] for i in order.tolist()]
