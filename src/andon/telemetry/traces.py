"""Spans of distributed traces, kept as columns so that millions of them fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from andon.telemetry.window import Window

__all__ = ["Span", "SpanKind", "Spans"]


class SpanKind(IntEnum):
    """The kinds of the OpenTelemetry specification, with its numbers."""

    UNSPECIFIED = 0
    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


@dataclass(frozen=True, slots=True)
class Span:
    """One span: start in Unix seconds, duration in seconds; `peer` is whom a client span says it calls."""

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str
    kind: SpanKind
    start: float
    duration: float
    error: bool
    peer: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """n spans in ascending start.

    Shapes: `starts` float64 (n,) Unix seconds; `durations` float64 (n,) seconds; `errors` bool (n,);
    `kinds` int8 (n,); `service_codes`, `name_codes`, `peer_codes` int32 (n,), indices into `services`,
    `names`, `peers` (peers[0] is empty: not stated); ids n texts each, hex; `messages` n texts
    (status message or exception), or empty when no span has any.
    """

    trace_ids: Sequence[str]
    span_ids: Sequence[str]
    parent_ids: Sequence[str]
    service_codes: NDArray[np.int32]
    services: Sequence[str]
    name_codes: NDArray[np.int32]
    names: Sequence[str]
    peer_codes: NDArray[np.int32]
    peers: Sequence[str]
    kinds: NDArray[np.int8]
    starts: NDArray[np.float64]
    durations: NDArray[np.float64]
    errors: NDArray[np.bool_]
    messages: Sequence[str] = ()

    @classmethod
    def of(cls, spans: Sequence[Span]) -> Spans:
        """Columns of the spans, sorted by start (stable)."""
        ordered = sorted(spans, key=lambda span: span.start)
        services, service_codes = _encode([s.service for s in ordered])
        names, name_codes = _encode([s.name for s in ordered])
        peers, peer_codes = _encode([s.peer for s in ordered], first="")
        return cls(
            trace_ids=[s.trace_id for s in ordered],
            span_ids=[s.span_id for s in ordered],
            parent_ids=[s.parent_id for s in ordered],
            service_codes=service_codes,
            services=services,
            name_codes=name_codes,
            names=names,
            peer_codes=peer_codes,
            peers=peers,
            kinds=np.array([s.kind for s in ordered], dtype=np.int8),
            starts=np.array([s.start for s in ordered], dtype=np.float64),
            durations=np.array([s.duration for s in ordered], dtype=np.float64),
            errors=np.array([s.error for s in ordered], dtype=np.bool_),
            messages=[s.message for s in ordered] if any(s.message for s in ordered) else (),
        )

    @classmethod
    def joined(cls, parts: Sequence[Spans]) -> Spans:
        """The spans of all parts in ascending start; of those with the same ids the first counts."""
        held = [part for part in parts if len(part)]
        if len(held) == 1:
            return held[0]
        found: dict[tuple[str, str], Span] = {}
        for part in held:
            for number in range(len(part)):
                span = part[number]
                found.setdefault((span.trace_id, span.span_id), span)
        return cls.of(list(found.values()))

    def __len__(self) -> int:
        return len(self.span_ids)

    def __getitem__(self, i: int) -> Span:
        return Span(
            trace_id=self.trace_ids[i],
            span_id=self.span_ids[i],
            parent_id=self.parent_ids[i],
            service=self.services[self.service_codes[i]],
            name=self.names[self.name_codes[i]],
            kind=SpanKind(int(self.kinds[i])),
            start=float(self.starts[i]),
            duration=float(self.durations[i]),
            error=bool(self.errors[i]),
            peer=self.peers[self.peer_codes[i]],
            message=self.messages[i] if self.messages else "",
        )

    def within(self, window: Window) -> Spans:
        """The spans that start inside the window."""
        low, high = (int(i) for i in np.searchsorted(self.starts, (window.start, window.end)))
        cut = slice(low, high)
        return Spans(
            self.trace_ids[cut],
            self.span_ids[cut],
            self.parent_ids[cut],
            self.service_codes[cut],
            self.services,
            self.name_codes[cut],
            self.names,
            self.peer_codes[cut],
            self.peers,
            self.kinds[cut],
            self.starts[cut],
            self.durations[cut],
            self.errors[cut],
            self.messages[cut],
        )


def _encode(texts: Sequence[str], first: str | None = None) -> tuple[list[str], NDArray[np.int32]]:
    seen = dict.fromkeys(texts if first is None else (first, *texts))
    code = {text: i for i, text in enumerate(seen)}
    return list(seen), np.array([code[text] for text in texts], dtype=np.int32)
