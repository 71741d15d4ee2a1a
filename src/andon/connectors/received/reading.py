"""What was received, read back as telemetry: as much of it as a window and services ask for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from andon.connectors.files.series import merge_series
from andon.connectors.received.frames import Kind
from andon.connectors.received.gathering import Read, Stop, gathered, never
from andon.connectors.received.segments import removed
from andon.connectors.received.stored import StoredRequests
from andon.errors import AccessError, SourceError
from andon.telemetry import (
    ChangeEvent,
    Logs,
    MetricSeries,
    Problem,
    Result,
    Spans,
    Status,
    Window,
    isoformat,
)

__all__ = ["LOOKBACK", "ReceivedStore", "changes_of", "series_of"]

LOOKBACK = 300.0
"""Seconds before a window that are read of metrics: totals become increases, which need the point before."""

T = TypeVar("T")


class ReceivedStore:
    """The telemetry in a folder that a receiver writes to, or wrote to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stored = StoredRequests(folder)

    @classmethod
    def open(cls, folder: Path) -> ReceivedStore:
        """Opens a folder of segments. Raises SourceError when there is none, AccessError when it may not be read."""
        store = cls(folder)
        try:
            store._stored.summaries()
        except PermissionError as error:
            raise AccessError(f"{folder}: may not be read", hint="check its permissions") from error
        except OSError as error:
            hint = "`andon receive` makes it; is it running, and does it write here?"
            raise SourceError(f"{folder}: {error.strerror}", hint=hint) from error
        return store

    def extent(self) -> Window | None:
        """From the earliest moment of anything received to the latest; None when nothing was."""
        stretches = [s for _, summary in self._stored.summaries() for s in summary.stretches.values()]
        if not stretches:
            return None
        last = float(np.nextafter(max(s.last for s in stretches), np.inf))
        return Window(min(s.first for s in stretches), last)

    def arrivals(self) -> Window | None:
        """When the first and the last request that are kept arrived; None when there is none."""
        received = [summary.received for _, summary in self._stored.summaries() if summary.stretches]
        return Window(min(a for a, _ in received), max(b for _, b in received)) if received else None

    def items(self, kind: Kind, window: Window) -> float:
        """About how many items of a kind lie in the window, by the headers alone."""
        return self._stored.items(kind, window)

    def metrics(self, window: Window, services: Collection[str] = ()) -> Result[tuple[MetricSeries, ...]]:
        """The series with points in the window; the count is that of points.

        A total whose point before lies more than LOOKBACK seconds before the window begins with NaN.
        """
        wider = Window(window.start - LOOKBACK, window.end)
        read = self.read(Kind.METRICS, (wider,), services)
        cut = series_of(read, window)
        return self._result(read, window, cut, sum(len(one.times) for one in cut))

    def logs(self, window: Window, services: Collection[str] = ()) -> Result[Logs]:
        """The records in the window."""
        read = self.read(Kind.LOGS, (window,), services)
        logs = read.collected.logs.logs()
        return self._result(read, window, logs, len(logs))

    def spans(self, window: Window, services: Collection[str] = ()) -> Result[Spans]:
        """The spans that start in the window."""
        read = self.read(Kind.TRACES, (window,), services)
        spans = read.collected.spans.spans()
        return self._result(read, window, spans, len(spans))

    def changes(self, window: Window) -> Result[tuple[ChangeEvent, ...]]:
        """The changes in the window, in order of time; one that was sent again counts once, as sent last."""
        read = self.read(Kind.CHANGES, (window,))
        found = changes_of(read)
        return self._result(read, window, found, len(found))

    def gone(self, window: Window) -> Problem | None:
        """That a part of the window is no longer kept, if so."""
        taken = removed(self.folder)
        if taken.received <= window.start:
            return None
        return Problem(
            self.folder.name,
            f"what arrived until {isoformat(taken.received)} is no longer kept",
            hint="keep more: `andon receive --retention … --size …`",
        )

    def read(
        self,
        kind: Kind,
        windows: Sequence[Window],
        services: Collection[str] = (),
        stop: Stop = never,
    ) -> Read:
        """What lies in the windows, which do not overlap, of these services (none: all).

        `stop` is told how many bytes were unpacked so far, and says why no more may be, or nothing.
        """
        return gathered(self._stored, kind, windows, services, stop)

    def _result(self, read: Read, window: Window, value: T, count: int) -> Result[T]:
        gone, problems = self.gone(window), read.problems.problems()
        if gone is not None:
            return Result(value, Status.TRUNCATED, count, (gone, *problems))
        return Result.of(value, count, problems)


def series_of(read: Read, window: Window) -> tuple[MetricSeries, ...]:
    """The series of what was read that have points in the window, cut to it."""
    series, _ = merge_series(read.collected.metrics)
    return tuple(part for one in series if len((part := one.within(window)).times))


def changes_of(read: Read) -> tuple[ChangeEvent, ...]:
    """The changes of what was read in order of time; of one that was sent again, the last."""
    latest = {event.id: event for event in read.collected.changes}
    return tuple(sorted(latest.values(), key=lambda event: event.time))
