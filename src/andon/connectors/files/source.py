"""A folder or zip file of telemetry as a source."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from andon.connectors.files.bundle import Bundle, Limits
from andon.connectors.files.columns import Collected
from andon.connectors.files.guess import Guess, guess_bundle
from andon.connectors.files.manifest import MANIFEST_NAME, FileEntry, Manifest, parse_manifest
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.reader import FileReader
from andon.connectors.files.reading import Part, PartRead, parts_of, read_part
from andon.connectors.files.series import merge_series
from andon.connectors.files.times import TimeParser, zone_named
from andon.connectors.source import Signal, SourceInfo
from andon.errors import SourceError
from andon.telemetry import ChangeEvent, Logs, MetricSeries, Problem, Result, Spans, Status, Topology, Window
from andon.workers import WorkerDied, Workers, jobs_for

__all__ = ["FilesSource"]

MOST_MANIFEST_BYTES = 8 << 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the reading of one signal went: `items` read from `files` files."""

    problems: ProblemCounter
    files: int
    items: int


class FilesSource:
    """The telemetry in a folder or zip file, read a signal at a time and kept.

    `manifest` is what incident.yaml says, or what was guessed; `guess` is set when it was guessed.
    `problems` are those of the bundle as a whole: files that were refused, not recognised or not
    listed. Those of a signal ride on its results.
    """

    def __init__(
        self, bundle: Bundle, manifest: Manifest, folder: str = "", guess: Guess | None = None
    ) -> None:
        self.bundle = bundle
        self.manifest = manifest
        self.guess = guess
        self._folder = folder
        self._lock = threading.RLock()
        self._readings: dict[Signal, _Reading] = {}
        self._kept: dict[Signal, object] = {}
        self._team: Workers | None = None

    @classmethod
    def open(cls, path: Path, limits: Limits | None = None) -> FilesSource:
        """Opens a folder, a zip file, or the incident.yaml in a folder; guesses where there is none.

        Raises SourceError when there is nothing to read, AccessError when it may not be read,
        ConfigError when incident.yaml is wrong.
        """
        root = path.parent if path.suffix in (".yaml", ".yml") and path.is_file() else path
        bundle = Bundle(root, limits or Limits())
        if not bundle.paths and not bundle.problems.problems():
            raise SourceError(f"{root}: holds no files", hint="put metrics, logs, traces or changes into it")
        wanted = path.name if root is not path else ""
        found = _manifest_path(bundle, wanted)
        if not found:
            guessed = guess_bundle(bundle)
            return cls(bundle, guessed.manifest, guess=guessed)
        place = f"{root.name}/{found}"
        return cls(bundle, parse_manifest(_small_file(bundle, found, place), place), found.rpartition("/")[0])

    @property
    def name(self) -> str:
        """The name of the folder, or of the zip file without its ending."""
        root = self.bundle.root.resolve()
        return root.stem if root.is_file() else root.name

    @property
    def problems(self) -> tuple[Problem, ...]:
        guessed = self.guess.problems if self.guess else self._unlisted()
        return self.bundle.problems.problems() + guessed

    def info(self) -> SourceInfo:
        """What the files hold; reads metrics, logs and spans whole, for their extent."""
        signals = tuple(s for s in Signal if any(entry.signal is s for entry in self.manifest.files))
        return SourceInfo(
            name=self.name,
            kind="files",
            signals=signals,
            extent=self._extent(),
            incident=self.manifest.window_of("incident"),
            baseline=self.manifest.window_of("baseline"),
            alert=self.manifest.alert_time,
            symptom=self.manifest.symptom,
            problems=self.problems,
        )

    def metrics(self, window: Window) -> Result[tuple[MetricSeries, ...]]:
        """The series with points in the window; the count is that of points."""
        cut = tuple(part for series in self._series() if len((part := series.within(window)).times))
        return self._result(Signal.METRICS, cut, sum(len(series.times) for series in cut))

    def logs(self, window: Window) -> Result[Logs]:
        """The records in the window."""
        cut = self._logs().within(window)
        return self._result(Signal.LOGS, cut, len(cut))

    def spans(self, window: Window) -> Result[Spans]:
        """The spans that start in the window."""
        cut = self._spans().within(window)
        return self._result(Signal.TRACES, cut, len(cut))

    def changes(self, window: Window) -> Result[tuple[ChangeEvent, ...]]:
        """The changes in the window, in order of time."""
        cut = tuple(event for event in self._changes() if event.time in window)
        return self._result(Signal.CHANGES, cut, len(cut))

    def topology(self) -> Result[Topology]:
        """Call graphs and architecture models as one; the count is that of elements."""
        whole = self._keep(Signal.TOPOLOGY, lambda found: Topology.joined(found.topologies))
        return self._result(Signal.TOPOLOGY, whole, len(whole.elements))

    def services(self, window: Window) -> frozenset[str]:
        """The services with points in the window, and all that log."""
        return frozenset(s.service for s in self.metrics(window).value) | frozenset(self._logs().services)

    def _series(self) -> tuple[MetricSeries, ...]:
        return self._keep(Signal.METRICS, self._merged)

    def _logs(self) -> Logs:
        return self._keep(Signal.LOGS, lambda found: found.logs.logs())

    def _spans(self) -> Spans:
        return self._keep(Signal.TRACES, lambda found: found.spans.spans())

    def _changes(self) -> tuple[ChangeEvent, ...]:
        return self._keep(
            Signal.CHANGES, lambda found: tuple(sorted(found.changes, key=lambda event: event.time))
        )

    def _merged(self, found: Collected) -> tuple[MetricSeries, ...]:
        series, dropped = merge_series(found.metrics)
        if dropped:
            message = "points of one series and time in several files or rows: the last one was kept"
            self._readings[Signal.METRICS].problems.add(self.name, message, count=dropped)
        return series

    def _keep(self, signal: Signal, finish: Callable[[Collected], T]) -> T:
        """The finished whole of a signal, made once."""
        with self._lock:
            if signal not in self._kept:
                self._kept[signal] = finish(self._read(signal))
            kept: T = self._kept[signal]  # type: ignore[assignment]
            return kept

    def _result(self, signal: Signal, value: T, count: int) -> Result[T]:
        reading = self._readings[signal]
        status = reading.problems.status(reading.items, reading.files)
        if status is Status.OK and not count:
            status = Status.EMPTY
        return Result(value, status, count, reading.problems.problems())

    def _read(self, signal: Signal) -> Collected:
        """Reads all files of a signal, in parts that worker processes share where that pays."""
        collected, problems = Collected(), ProblemCounter()
        entries = [entry for entry in self.manifest.files if entry.signal is signal]
        wholes = [self._whole(entry) for entry in entries]
        files = [list(parts_of(part)) if part.path in self.bundle.paths else [] for part in wholes]
        with self._workers([parts[0].path for parts in files if parts]) as workers:
            answers = workers.each(read_part, chain.from_iterable(files))
            for part, parts in zip(wholes, files, strict=True):
                if parts:
                    self._join(parts, islice(answers, len(parts)), collected, problems)
                else:
                    problems.failed.add(part.path)
                    hint = "correct the path, or remove the entry"
                    problems.add(part.path, "named in incident.yaml but not there", hint=hint)
        self._readings[signal] = _Reading(problems, len(entries), collected.count())
        return collected

    def _workers(self, paths: list[str]) -> AbstractContextManager[Workers]:
        """Those that read these files: the team that is at hand, or new ones.

        What is packed is read in this process, where the sizes of what it unpacks to are added up.
        """
        sizes = [self.bundle.plain_size(path) for path in paths]
        if not all(sizes):
            return Workers(1)
        return nullcontext(self._team) if self._team else Workers(jobs_for(sum(sizes)))

    def _whole(self, entry: FileEntry) -> Part:
        path = f"{self._folder}/{entry.path}" if self._folder else entry.path
        path = path.removeprefix("./")
        return Part(self.bundle, path, entry, self._times(entry, path))

    def _join(
        self,
        parts: list[Part],
        answers: Iterator[Future[PartRead]],
        into: Collected,
        problems: ProblemCounter,
    ) -> None:
        """Puts the parts of one file together, in order."""
        path, before, lines = parts[0].path, into.count(), 0
        file = FileReader(path, self.bundle, problems, parts[0].times.anew())
        errors: list[tuple[int, str, str]] = []
        for part, answer in zip(parts, answers, strict=True):
            try:
                read = answer.result()
            except WorkerDied as death:
                hint = "read it again with fewer processes (ANDON_JOBS=1), or bring a shorter stretch of time"
                file.problem(f"a part was not read: {death}", line=lines + 1, hint=hint)
                lines += self.bundle.count_lines(path, part.span)
                continue
            into.absorb(read.collected)
            problems.absorb(read.problems, lines)
            file.times.absorb(read.times)
            lines += read.lines
            errors += [read.error] if read.error else []
        if len(errors) == len(parts) and path not in problems.denied:
            line, message, hint = errors[0]
            file.problem(message, line=line, hint=hint)
        if into.count() == before and problems.about(path):
            problems.failed.add(path)
        self._tell_of_times(file)

    def _times(self, entry: FileEntry, path: str) -> TimeParser:
        stated = entry.timezone or self.manifest.timezone
        incident = self.manifest.window_of("incident")
        reference = incident.start if incident else (self.guess.reference if self.guess else 0.0)
        if not reference and path in self.bundle.paths:
            reference = self.bundle.modified(path)
        return TimeParser(zone_named(stated) if stated else None, reference)

    def _tell_of_times(self, file: FileReader) -> None:
        times = file.times
        if times.yearless:
            year = np.datetime64(int(times.reference), "s").astype("datetime64[Y]")
            file.problem(
                f"times without a year were placed near {year}",
                count=times.yearless,
                hint="state the incident's `from` and `to` in incident.yaml",
            )
        if times.naive and times.zoned:
            file.problem(
                "times without a zone among others that have one",
                count=times.naive,
                hint="state `timezone` for this file in incident.yaml",
            )
        elif times.naive and not times.stated:
            file.problem(
                "times without a zone were read as UTC",
                count=times.naive,
                hint="state `timezone` in incident.yaml, once or for this file",
            )

    def _unlisted(self) -> tuple[Problem, ...]:
        """Files of the bundle that incident.yaml says nothing about."""
        prefix = f"{self._folder}/" if self._folder else ""
        listed = {
            prefix + path.removeprefix("./")
            for path in (*self.manifest.ignore, *(e.path for e in self.manifest.files))
        }
        listed |= {prefix + MANIFEST_NAME, f"{prefix}incident.yml"}
        spare = [path for path in self.bundle.paths if path not in listed and not path.endswith(".dsl")]
        hint = "list it under `files`, or under `ignore`"
        return tuple(Problem(path, "not listed in incident.yaml: not read", hint=hint) for path in spare)

    def _extent(self) -> Window | None:
        with (
            self._lock,
            self._workers([path for path in self.bundle.paths if self.bundle.plain_size(path)]) as team,
        ):
            self._team = team
            try:
                series, logs, spans = self._series(), self._logs(), self._spans()
            finally:
                self._team = None
        ends = [(one.times[0], one.times[-1]) for one in series if len(one.times)]
        ends += [(times[0], times[-1]) for times in (logs.times, spans.starts) if len(times)]
        if not ends:
            return None
        return Window(
            float(min(first for first, _ in ends)), float(np.nextafter(max(last for _, last in ends), np.inf))
        )


def _manifest_path(bundle: Bundle, wanted: str) -> str:
    """The manifest of a bundle: in its root, or in the one folder that a zip file was made of."""
    names = (wanted,) if wanted else (MANIFEST_NAME, "incident.yml")
    tops = {path.split("/", 1)[0] for path in bundle.paths}
    prefixes = ["", *(f"{top}/" for top in tops if len(tops) == 1)]
    return next((p + name for p in prefixes for name in names if p + name in bundle.paths), "")


def _small_file(bundle: Bundle, path: str, place: str) -> bytes:
    parts: list[bytes] = []
    for chunk in FileReader(path, bundle, bundle.problems).chunks():
        parts.append(chunk)
        if sum(map(len, parts)) > MOST_MANIFEST_BYTES:
            raise SourceError(f"{place}: too large for a manifest", hint="incident.yaml is a few lines long")
    return b"".join(parts)
