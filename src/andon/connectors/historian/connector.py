"""A folder into which a historian drops files, by the day or as it likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from andon.connectors.connector import Check, CheckState, Connector, ConnectorConfig, Need
from andon.connectors.files.guess import guess_bundle
from andon.connectors.files.manifest import Manifest
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.series import merge_series
from andon.connectors.files.source import FilesSource
from andon.connectors.historian.config import HistorianConfig, WorkOrderFiles
from andon.connectors.historian.drops import Drop, DropBundle, drops_in, may_hold
from andon.connectors.historian.orders import read_orders
from andon.connectors.reading import Reading
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.errors import AccessError, SourceError
from andon.telemetry import ChangeEvent, MetricSeries, Problem, Result, Status, isoformat

__all__ = ["HistorianConnector"]

_FAULTS = frozenset({Status.DENIED, Status.FAILED, Status.TRUNCATED})


class HistorianConnector(Connector):
    """Reads the files of a folder that can hold something of the window, each once for a question."""

    kind = "historian"
    title = "Historian files"
    signals = (Signal.METRICS, Signal.CHANGES)
    proved = "files of a local folder, CSV and Parquet"
    Config: ClassVar[type[ConnectorConfig]] = HistorianConfig
    config: HistorianConfig

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        reading = Reading(self.name)
        parts: list[MetricSeries] = []

        def read(drop: Drop) -> int:
            found = self._source(drop).metrics(need.window)
            self._tell(found.problems, found.status, reading)
            parts.extend(found.value)
            return found.count

        orders = {drop.path for drops in self._order_drops(reading) for drop in drops[1]}
        self._each(need, self.config.files, reading, read, orders)
        series, twice = merge_series(parts)
        if twice:
            reading.lacking(Status.PARTIAL, f"{twice:,} points are in several files: the later file counts")
        if need.services:
            series = tuple(one for one in series if one.service in need.services or not one.service)
        return reading.result(series, sum(len(one.times) for one in series))

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        reading = Reading(self.name)
        events: dict[str, ChangeEvent] = {}
        for stated in self.config.work_orders:

            def read(drop: Drop, stated: WorkOrderFiles = stated) -> int:
                problems = ProblemCounter()
                bundle = self._bundle(drop)
                found = read_orders(stated, bundle, drop.path, need.window, self.name, problems)
                self._tell(problems.problems(), problems.status(len(found), 1), reading)
                events.update({event.id: event for event in found})
                return len(found)

            self._each(need, stated.files, reading, read)
        ordered = sorted(events.values(), key=lambda event: (event.time, event.id))
        return reading.result(tuple(ordered), len(ordered))

    def check(self) -> tuple[Check, ...]:
        """The folder, the newest file of metrics, and each pattern of work orders."""
        try:
            drops = drops_in(self.config.path, self.config.files)
        except Unanswered as gap:
            return (Check("folder", CheckState.FAILED, gap.message, gap.hint),)
        if not drops:
            return (Check("folder", CheckState.WARNING, "no file fits `files`", "check `path` and `files`"),)
        checks = [Check("folder", CheckState.OK, _extent(drops))]
        newest = max(drops, key=lambda drop: drop.changed)
        try:
            self._source(newest)
            checks.append(Check("metrics", CheckState.OK, f"{newest.path} is understood"))
        except Unanswered as gap:
            checks.append(Check("metrics", CheckState.FAILED, gap.message, gap.hint))
        for stated in self.config.work_orders:
            count = len(drops_in(self.config.path, stated.files))
            state = CheckState.OK if count else CheckState.WARNING
            checks.append(Check("work orders", state, f"{count:,} files fit {stated.files}"))
        return tuple(checks)

    def _order_drops(self, reading: Reading) -> Iterable[tuple[WorkOrderFiles, list[Drop]]]:
        for stated in self.config.work_orders:
            with reading.part():
                yield stated, drops_in(self.config.path, stated.files)

    def _each(
        self,
        need: Need,
        pattern: str,
        reading: Reading,
        read: Callable[[Drop], int],
        besides: Iterable[str] = (),
    ) -> None:
        """Reads the files that can hold something of the window, as long as time and budget last."""
        with reading.part():
            drops = drops_in(self.config.path, pattern)
            wanted = [drop for drop in drops if may_hold(drop, need.window) and drop.path not in set(besides)]
            reading.fetched(f"list {pattern}", place=str(self.config.path), items=len(wanted))
            for drop in wanted:
                self._still_allowed(drop)
                with reading.part(drop.path):
                    count = read(drop)
                    self.session.spend(self.name, drop.size)
                    reading.fetched(f"read {drop.path}", place=drop.path, items=count, size=drop.size)

    def _still_allowed(self, drop: Drop) -> None:
        """Raises Unanswered when the time is over, or the file is more than the budget has left."""
        if not self.session.remaining():
            raise Unanswered(
                f"{drop.path} and what follows was not read: the time is over, or it was cancelled"
            )
        if self.session.spent(self.name) + drop.size > self.config.limits.bytes:
            raise Unanswered(
                f"{drop.path} and what follows was not read: more than {self.config.limits.bytes:,} bytes",
                status=Status.TRUNCATED,
                hint="look at less time, narrow `files`, or raise limits.bytes",
            )

    def _bundle(self, drop: Drop) -> DropBundle:
        try:
            return DropBundle(self.config.path, drop=drop)
        except AccessError as error:
            raise Unanswered(error.message, status=Status.DENIED, hint=error.hint) from None
        except SourceError as error:
            raise Unanswered(error.message, hint=error.hint) from None

    def _source(self, drop: Drop) -> FilesSource:
        """The file as a source of metrics. Raises Unanswered when nothing in it looks like metrics."""
        bundle, config = self._bundle(drop), self.config
        if config.format:
            return FilesSource(bundle, Manifest(files=(config.entry(drop.path),)))
        guessed = guess_bundle(bundle)
        stated = {"timezone": config.timezone, "service": config.service, "unit": config.unit}
        stated = {key: value for key, value in stated.items() if value}
        entries = [
            entry.model_copy(update=stated)
            for entry in guessed.manifest.files
            if entry.signal is Signal.METRICS
        ]
        if not entries:
            why = guessed.problems[0].message if guessed.problems else "no metrics were recognised in it"
            raise Unanswered(why, hint="state `format` and `columns`, or narrow `files`")
        return FilesSource(bundle, Manifest(files=tuple(entries)), guess=guessed)

    def _tell(self, problems: Iterable[Problem], status: Status, reading: Reading) -> None:
        for problem in problems:
            message = problem.message + (f" ({problem.count:,} times)" if problem.count > 1 else "")
            kind = status if status in _FAULTS else Status.PARTIAL
            reading.lacking(kind, message, place=problem.place, hint=problem.hint)


def _extent(drops: list[Drop]) -> str:
    """How many files, and of which time as far as their names or ages tell."""
    times = [drop.changed if drop.day is None else drop.day for drop in drops]
    return f"{len(drops):,} files, from {isoformat(min(times))[:10]} to {isoformat(max(times))[:10]}"
