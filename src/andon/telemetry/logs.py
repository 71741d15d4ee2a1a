"""Log records, kept as columns so that millions of them fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from andon.telemetry.window import Window

__all__ = ["ERROR", "FATAL", "INFO", "WARN", "LogRecord", "Logs"]

INFO, WARN, ERROR, FATAL = 9, 13, 17, 21
"""OpenTelemetry severity numbers at which each level starts; 0 is unknown."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record: Unix seconds, OpenTelemetry severity number, service, text (may span lines)."""

    time: float
    severity: int
    service: str
    body: str
    trace_id: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Logs:
    """n log records in ascending time.

    Shapes: `times` float64 (n,) Unix seconds; `severities` int8 (n,) OpenTelemetry severity numbers;
    `service_codes` int32 (n,), an index into `services`; `bodies` n texts; `trace_ids` and
    `attributes` n entries each, or empty when no record has any.
    """

    times: NDArray[np.float64]
    severities: NDArray[np.int8]
    service_codes: NDArray[np.int32]
    services: Sequence[str]
    bodies: Sequence[str]
    trace_ids: Sequence[str] = ()
    attributes: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(cls, records: Sequence[LogRecord]) -> Logs:
        """Columns of the records, sorted by time (stable)."""
        ordered = sorted(records, key=lambda record: record.time)
        services = list(dict.fromkeys(record.service for record in ordered))
        code = {service: i for i, service in enumerate(services)}
        return cls(
            times=np.array([r.time for r in ordered], dtype=np.float64),
            severities=np.array([r.severity for r in ordered], dtype=np.int8),
            service_codes=np.array([code[r.service] for r in ordered], dtype=np.int32),
            services=services,
            bodies=[r.body for r in ordered],
            trace_ids=[r.trace_id for r in ordered] if any(r.trace_id for r in ordered) else (),
            attributes=[r.attributes for r in ordered] if any(r.attributes for r in ordered) else (),
        )

    @classmethod
    def joined(cls, parts: Sequence[Logs]) -> Logs:
        """The records of all parts in ascending time; of equal times, those of the first part come first."""
        held = [part for part in parts if len(part)]
        if len(held) == 1:
            return held[0]
        return cls.of([record for part in held for record in part])

    def __len__(self) -> int:
        return len(self.bodies)

    def __getitem__(self, i: int) -> LogRecord:
        return LogRecord(
            time=float(self.times[i]),
            severity=int(self.severities[i]),
            service=self.services[self.service_codes[i]],
            body=self.bodies[i],
            trace_id=self.trace_ids[i] if self.trace_ids else "",
            attributes=self.attributes[i] if self.attributes else {},
        )

    def __iter__(self) -> Iterator[LogRecord]:
        return (self[i] for i in range(len(self)))

    def within(self, window: Window) -> Logs:
        low, high = (int(i) for i in np.searchsorted(self.times, (window.start, window.end)))
        return self.rows(low, high)

    def rows(self, low: int, high: int) -> Logs:
        """The records from `low` up to, not including, `high`."""
        return Logs(
            self.times[low:high],
            self.severities[low:high],
            self.service_codes[low:high],
            self.services,
            self.bodies[low:high],
            self.trace_ids[low:high],
            self.attributes[low:high],
        )

    def batches(self, size: int) -> Iterator[tuple[int, Logs]]:
        """All records in order, `size` at a time, with the place of the first of each batch."""
        for low in range(0, len(self), size):
            yield low, self.rows(low, low + size)
