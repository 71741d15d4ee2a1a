"""What `andon receive` keeps, as a source of andon.yaml: kind `received`, with the path of its folder.

The folder is read where it lies; nothing is asked of the receiver, which may run or not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar, TypeVar

from andon.connectors.connector import Check, CheckState, Connector, ConnectorConfig, LocalPath, Need
from andon.connectors.reading import Reading
from andon.connectors.received.frames import Kind
from andon.connectors.received.gathering import Read
from andon.connectors.received.reading import LOOKBACK, ReceivedStore, changes_of, series_of
from andon.connectors.sampling import sample
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.errors import AccessError, MissingExtra, SourceError
from andon.telemetry import ChangeEvent, Logs, MetricSeries, Result, Spans, Status, Window, isoformat

__all__ = ["ReceivedConfig", "ReceivedConnector"]

_STALE_SECONDS = 600.0
"""Somebody who exports telemetry at all does so every minute."""

T = TypeVar("T")


class ReceivedConfig(ConnectorConfig):
    """`path` is the folder that `andon receive` writes to."""

    path: LocalPath


class ReceivedConnector(Connector):
    """Telemetry and changes that were pushed to us."""

    kind = "received"
    proved = "the exporters of the OpenTelemetry SDK for Python 1.45"
    title = "OTLP receiver of andon"
    signals = (Signal.METRICS, Signal.LOGS, Signal.TRACES, Signal.CHANGES)
    Config: ClassVar[type[ConnectorConfig]] = ReceivedConfig
    config: ReceivedConfig

    def check(self) -> tuple[Check, ...]:
        try:
            with _unanswered():
                store = ReceivedStore.open(self.config.path)
                arrivals, extent = store.arrivals(), store.extent()
        except Unanswered as gap:
            return (Check("folder", CheckState.FAILED, gap.message, gap.hint),)
        found = Check("folder", CheckState.OK, str(self.config.path))
        if arrivals is None or extent is None:
            hint = "point an exporter at `andon receive`"
            return found, Check("arrivals", CheckState.WARNING, "nothing has arrived", hint)
        reach = Check("history", CheckState.OK, f"{extent}, kept since {isoformat(arrivals.start)}")
        late = time.time() - arrivals.end
        if late > _STALE_SECONDS:
            message = f"nothing has arrived since {isoformat(arrivals.end)}"
            hint = "does `andon receive` run, and do the exporters reach it?"
            return found, reach, Check("arrivals", CheckState.WARNING, message, hint)
        return found, reach, Check("arrivals", CheckState.OK, f"the last one {late:.0f} s ago")

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        wider = Window(need.window.start - LOOKBACK, need.window.end)
        return self._answer(
            need,
            (),
            lambda store, reading: series_of(
                self._read(store, Kind.METRICS, (wider,), need, reading), need.window
            ),
            lambda series: sum(len(one.times) for one in series),
        )

    def logs(self, need: Need) -> Result[Logs]:
        return self._answer(
            need,
            Logs.of(()),
            lambda store, reading: self._sampled(store, Kind.LOGS, need, reading).collected.logs.logs(),
            len,
        )

    def spans(self, need: Need) -> Result[Spans]:
        return self._answer(
            need,
            Spans.of(()),
            lambda store, reading: self._sampled(store, Kind.TRACES, need, reading).collected.spans.spans(),
            len,
        )

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        every = Need(need.window)
        return self._answer(
            need,
            (),
            lambda store, reading: changes_of(
                self._read(store, Kind.CHANGES, (need.window,), every, reading)
            ),
            len,
        )

    def _answer(
        self,
        need: Need,
        nothing: T,
        read: Callable[[ReceivedStore, Reading], T],
        count: Callable[[T], int],
    ) -> Result[T]:
        reading, value = Reading(self.name), nothing
        with reading.part(), _unanswered():
            store = ReceivedStore.open(self.config.path)
            if gone := store.gone(need.window):
                reading.lacking(Status.TRUNCATED, gone.message, place=gone.place, hint=gone.hint)
            value = read(store, reading)
        return reading.result(value, count(value))

    def _sampled(self, store: ReceivedStore, kind: Kind, need: Need, reading: Reading) -> Read:
        """All of the window, or even slices of it that hold about as many items as are wanted.

        How many items belong to the services that are asked for shows only once they are read: where too few
        came, the slices are widened.
        """
        wanted = min(need.items, self.config.limits.items)
        there, asked = store.items(kind, need.window), float(wanted)
        while True:
            part = sample(need.window, there, int(asked), self.config.limits.slices)
            read = store.read(kind, part.windows, need.services, self._stop)
            found = read.collected.count()
            if part.share >= 1 or found >= wanted / 2 or read.problems.truncated:
                self._note(read, reading, kind, part.share)
                return read
            asked *= max(2.0, wanted / max(found, 1))

    def _read(
        self, store: ReceivedStore, kind: Kind, windows: tuple[Window, ...], need: Need, reading: Reading
    ) -> Read:
        read = store.read(kind, windows, need.services, self._stop)
        self._note(read, reading, kind, 1.0)
        return read

    def _note(self, read: Read, reading: Reading, kind: Kind, share: float) -> None:
        self.session.spend(self.name, read.size)
        query = f"{kind.name.lower()} in {self.config.path}"
        reading.fetched(query, items=read.collected.count(), size=read.size, share=share)
        status = Status.TRUNCATED if read.problems.truncated else Status.PARTIAL
        for problem in read.problems.problems():
            reading.lacking(status, problem.message, place=problem.place, hint=problem.hint)

    def _stop(self, size: int) -> str:
        """Why no more may be read after so many bytes, empty while more may."""
        if not self.session.remaining():
            return "the time for this run was over before all was read"
        if size > self.session.left(self.name, self.config.limits.bytes):
            return f"more than {self.config.limits.bytes:,} bytes: the rest was not read"
        return ""


@contextmanager
def _unanswered() -> Iterator[None]:
    """What keeps a folder from being read, as connectors say it."""
    try:
        yield
    except (AccessError, PermissionError) as error:
        raise Unanswered(str(error), status=Status.DENIED, hint="check the permissions") from error
    except (SourceError, MissingExtra) as error:
        raise Unanswered(error.message, hint=error.hint) from error
    except OSError as error:
        raise Unanswered(str(error)) from error
