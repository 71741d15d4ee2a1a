"""From stored requests to telemetry: one pass over those of a kind, in either form.

They go through the parsers of OTLP JSON files, so that the same telemetry comes out the same, pushed or
brought as a file. A request that cannot be read costs nothing but itself, and is counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from andon.connectors.files.bundle import Bundle
from andon.connectors.files.columns import Collected
from andon.connectors.files.logs_json import parse_otlp_logs
from andon.connectors.files.metrics_json import parse_otlp_metrics
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.reader import FileReader
from andon.connectors.files.spans_json import parse_otlp_spans
from andon.connectors.received.changes import changes_kept
from andon.connectors.received.frames import Form, Kind
from andon.connectors.received.json_form import batch_of_json
from andon.connectors.received.protobuf import batch_of_protobuf
from andon.connectors.received.stored import StoredRequest, StoredRequests
from andon.connectors.received.undecodable import Undecodable
from andon.telemetry import Window

__all__ = ["Read", "Stop", "gathered", "never"]

Stop = Callable[[int], str]
"""Told how many bytes were unpacked so far, says why no more may be, or nothing."""
Place = tuple[str, int]
"""The segment of a request, and where it begins there."""

_MOST_BROKEN = 10
_UNREADABLE = "a request that cannot be read was left out"
_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_PARSE: dict[Kind, Callable[[FileReader, Collected], None]] = {
    Kind.METRICS: parse_otlp_metrics,
    Kind.LOGS: parse_otlp_logs,
    Kind.TRACES: parse_otlp_spans,
}


@dataclass(slots=True)
class Read:
    """What one pass gave; `size` are the unpacked bytes of the `requests` that it took apart."""

    collected: Collected = field(default_factory=Collected)
    problems: ProblemCounter = field(default_factory=ProblemCounter)
    requests: int = 0
    size: int = 0


def never(size: int) -> str:  # noqa: ARG001
    """Nothing stops the reading."""
    return ""


def gathered(
    stored: StoredRequests, kind: Kind, windows: Sequence[Window], services: Collection[str], stop: Stop
) -> Read:
    """What lies in the windows, which do not overlap, of these services (none: all).

    Where a request breaks a parser, the pass is made again without it. Raises OSError and MissingExtra.
    """
    broken: set[Place] = set()
    while True:
        one = _Pass(stored, kind, windows, frozenset(services), stop, frozenset(broken))
        try:
            one.make()
        except _UNFORESEEN as error:
            if one.at in broken or len(broken) == _MOST_BROKEN:
                why = f"reading broke off ({type(error).__name__})"
                one.read.problems.add(stored.folder.name, why, hint="please report how it was sent")
                return one.read
            broken.add(one.at)
        else:
            return one.read


@dataclass(slots=True)
class _Pass:
    """One pass over the requests of a kind, without those that are known to be broken."""

    stored: StoredRequests
    kind: Kind
    windows: Sequence[Window]
    services: Collection[str]
    stop: Stop
    broken: Collection[Place]
    read: Read = field(default_factory=Read)
    at: Place = ("", -1)

    def make(self) -> None:
        """Fills `read`; `at` is the place of the request that is being read."""
        wanted = _inside(self.windows)
        if self.kind is Kind.CHANGES:
            for request in self._requests():
                with self._counted(request):
                    found = changes_kept(request.plain)
                    self.read.collected.changes += [event for event in found if wanted(event.time)]
        else:
            reader = _RequestReader(
                f"{self.stored.folder.name}/{self.kind.name.lower()}", self.read, self.stored.folder
            )
            reader.batches = self._batches(wanted)
            _PARSE[self.kind](reader, self.read.collected)

    def _batches(self, wanted: Callable[[float], bool]) -> Iterator[dict[str, Any]]:
        for request in self._requests():
            batch_of = batch_of_protobuf if request.header.form is Form.PROTOBUF else batch_of_json
            with self._counted(request):
                yield batch_of(self.kind, request.plain, wanted, self.services)

    def _requests(self) -> Iterator[StoredRequest]:
        for request in self.stored.read(self.kind, self.windows, self.read.problems):
            if why := self.stop(self.read.size):
                self.read.problems.truncated = True
                self.read.problems.add(self.stored.folder.name, why)
                return
            self.at = (request.segment, request.offset)
            if self.at in self.broken:
                self.read.problems.add(request.segment, _UNREADABLE)
                continue
            self.read.requests += 1
            self.read.size += len(request.plain)
            yield request

    @contextmanager
    def _counted(self, request: StoredRequest) -> Iterator[None]:
        try:
            yield
        except Undecodable as error:
            self.read.problems.add(request.segment, f"{_UNREADABLE}: {error}")


class _RequestReader(FileReader):
    """Requests where a parser of OTLP JSON expects the lines of a file."""

    batches: Iterator[dict[str, Any]] = iter(())

    def __init__(self, path: str, read: Read, folder: Path) -> None:
        super().__init__(path, Bundle(folder), read.problems)

    def json_lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The requests; they have no lines."""
        return ((0, batch) for batch in self.batches)


def _inside(windows: Sequence[Window]) -> Callable[[float], bool]:
    """Whether a moment lies in one of the windows, which do not overlap."""
    ordered = sorted(windows, key=lambda window: window.start)
    starts, ends = [w.start for w in ordered], [w.end for w in ordered]
    if len(ordered) == 1:
        start, end = starts[0], ends[0]
        return lambda moment: start <= moment < end
    return lambda moment: (at := bisect_right(starts, moment)) > 0 and moment < ends[at - 1]
