"""A folder or a bucket into which a historian drops files, by the day or as it likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

from andon.connectors.connector import Check, CheckState, Connector, ConnectorConfig, Need
from andon.connectors.files.guess import guess_bundle
from andon.connectors.files.manifest import Manifest
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.series import merge_series
from andon.connectors.files.source import FilesSource
from andon.connectors.historian.bucket import Bucket
from andon.connectors.historian.config import HistorianConfig, WorkOrderFiles
from andon.connectors.historian.drops import Drop, Drops, Opened
from andon.connectors.historian.folder import Folder
from andon.connectors.historian.orders import read_orders
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire.connector import clock_check, tried
from andon.errors import AndonError
from andon.telemetry import ChangeEvent, MetricSeries, Problem, Result, Status, isoformat

__all__ = ["HistorianConnector"]

_FAULTS = frozenset({Status.DENIED, Status.FAILED, Status.TRUNCATED})


class HistorianConnector(Connector):
    """Reads the drops of a folder or a bucket that can hold something of the window, each once for a question."""

    kind = "historian"
    title = "Historian files"
    signals = (Signal.METRICS, Signal.CHANGES)
    proved = "files of a local folder, CSV and Parquet; buckets on a moto server"
    Config: ClassVar[type[ConnectorConfig]] = HistorianConfig
    config: HistorianConfig

    def __init__(self, name: str, config: Any, session: Session) -> None:
        super().__init__(name, config, session)
        self.drops: Drops = (
            Folder(config.path, name, session, config.limits)
            if config.path is not None
            else Bucket(config, name, session)
        )

    def close(self) -> None:
        self.drops.close()

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        reading = Reading(self.name)
        parts: list[MetricSeries] = []

        def read(drop: Opened) -> int:
            found = self._source(drop).metrics(need.window)
            self._tell(found.problems, found.status, reading)
            parts.extend(found.value)
            return found.count

        self._each(need, self.config.files, reading, read, self._orders(reading))
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

            def read(drop: Opened, stated: WorkOrderFiles = stated) -> int:
                problems = ProblemCounter()
                found = read_orders(stated, drop.bundle, drop.path, need.window, self.name, problems)
                self._tell(problems.problems(), problems.status(len(found), 1), reading)
                events.update({event.id: event for event in found})
                return len(found)

            self._each(need, stated.files, reading, read)
        ordered = sorted(events.values(), key=lambda event: (event.time, event.id))
        return reading.result(tuple(ordered), len(ordered))

    def check(self) -> tuple[Check, ...]:
        """Where the drops lie, the newest one of metrics, each pattern of work orders; of a bucket, sign-in and clock."""
        if not isinstance(self.drops, Bucket):
            return tuple(self._checked())
        api, checks = self.drops.api, list[Check]()
        if self.config.role:
            checks.append(tried("sign-in", lambda: f"as {api.signer().who}"))
        if all(check.state is CheckState.OK for check in checks):
            checks += self._checked()
        return (*checks, clock_check(api.skew)) if api.skew is not None else tuple(checks)

    def _checked(self) -> list[Check]:
        what, reading = "bucket" if self.config.bucket else "folder", Reading(self.name)
        try:
            listing = self.drops.listed(self.config.files)
        except AndonError as gap:
            return [Check(what, CheckState.FAILED, gap.message, gap.hint)]
        if not listing.drops:
            where = "`prefix`" if self.config.bucket else "`path`"
            return [Check(what, CheckState.WARNING, "no file fits `files`", f"check {where} and `files`")]
        checks = [Check(what, CheckState.OK, _extent(listing.drops))]
        checks += [Check(what, CheckState.WARNING, gap.message, gap.hint) for gap in listing.gaps]
        orders = self._orders(reading)
        if metrics := [drop for drop in listing.drops if drop.path not in orders]:
            newest = max(metrics, key=lambda drop: drop.changed)
            checks.append(tried("metrics", partial(self._understood, newest)))
        for stated in self.config.work_orders:
            with reading.part():
                count = len(self.drops.listed(stated.files).drops)
                state = CheckState.OK if count else CheckState.WARNING
                checks.append(Check("work orders", state, f"{count:,} files fit {stated.files}"))
        lacking = reading.result((), 1).problems
        return checks + [Check("work orders", CheckState.FAILED, gap.message, gap.hint) for gap in lacking]

    def _understood(self, drop: Drop) -> str:
        self.drops.fetch([drop])
        self.drops.allow(drop)
        opened = self.drops.opened(drop)
        self._source(opened)
        return "; ".join((f"{drop.path} is understood", *(gap.message for gap in opened.gaps)))

    def _orders(self, reading: Reading) -> frozenset[str]:
        """Paths of the drops that are work orders."""
        found: set[str] = set()
        for stated in self.config.work_orders:
            with reading.part():
                found.update(drop.path for drop in self.drops.listed(stated.files).drops)
        return frozenset(found)

    def _each(
        self,
        need: Need,
        pattern: str,
        reading: Reading,
        read: Callable[[Opened], int],
        besides: frozenset[str] = frozenset(),
    ) -> None:
        """Reads the files that can hold something of the window, as long as time and budget last."""
        with reading.part():
            listing = self.drops.listed(pattern)
            for gap in listing.gaps:
                reading.lacking(gap.status, gap.message, hint=gap.hint)
            fitting = [drop for drop in listing.drops if drop.path not in besides]
            wanted = self.drops.holding(fitting, need.window)
            reading.fetched(f"list {pattern}", place=self.drops.place, items=len(wanted), size=listing.size)
            self.drops.fetch(wanted)
            for drop in wanted:
                self.drops.allow(drop)
                with reading.part(drop.path):
                    opened = self.drops.opened(drop)
                    for gap in opened.gaps:
                        reading.lacking(gap.status, gap.message, place=drop.path, hint=gap.hint)
                    count, size = read(opened), self.drops.taken(drop)
                    reading.fetched(f"read {drop.path}", place=drop.path, items=count, size=size)

    def _source(self, drop: Opened) -> FilesSource:
        """The file as a source of metrics. Raises Unanswered when nothing in it looks like metrics."""
        bundle, config = drop.bundle, self.config
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


def _extent(drops: Sequence[Drop]) -> str:
    """How many files, and of which time as far as their names or ages tell."""
    times = [drop.changed if drop.day is None else drop.day for drop in drops]
    return f"{len(drops):,} files, from {isoformat(min(times))[:10]} to {isoformat(max(times))[:10]}"
