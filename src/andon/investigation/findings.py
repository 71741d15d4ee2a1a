"""Findings: what all tools returned for one question, typed and side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from andon.analysis.calls import CallTally, Tally
from andon.analysis.log_comparison import LogComparison, LogFinding
from andon.analysis.log_families import ErrorFamilies, ErrorFamily
from andon.analysis.series import SeriesChange
from andon.analysis.signals import SignalKind
from andon.investigation.equipment import loops_of
from andon.investigation.report import Symptom
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools import infrastructure, instruments, logs, metrics, traces
from andon.investigation.tools.architecture import Architecture
from andon.investigation.tools.infrastructure import ChangeTimeline
from andon.investigation.tools.instruments import InstrumentChange, InstrumentChanges
from andon.investigation.tools.metrics import MetricChanges
from andon.investigation.tools.traces import Courses, TimeShifts
from andon.investigation.windows import Windows
from andon.storage import Observation
from andon.telemetry import ChangeEvent, Topology, Window

__all__ = ["LEAST_IDENTIFIER", "Findings", "Model", "Row", "RowsOf", "Seen", "gather"]

LEAST_IDENTIFIER = 4
"""Shorter texts are not taken for identifiers."""
AMBIGUOUS = 2
"""A text that more elements carry (an account, an owner) identifies none of them."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """An observation with its content, typed."""

    observation: Observation
    content: T


@dataclass(frozen=True, slots=True)
class Row(Generic[R]):
    """One row of an observation's content, and the path at which it stands there."""

    observation: Observation
    path: tuple[str | int, ...]
    value: R


class RowsOf(Mapping[str, tuple[Row[R], ...]]):
    """Rows by the element that they speak of, found without looking at the others."""

    def __init__(self, rows: Sequence[Row[R]], element: Callable[[R], str]) -> None:
        self._rows = rows
        self._numbers: dict[str, list[int]] = {}
        for number, row in enumerate(rows):
            self._numbers.setdefault(element(row.value), []).append(number)

    def __getitem__(self, element: str) -> tuple[Row[R], ...]:
        return tuple(self._rows[number] for number in self._numbers[element])

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def among(self, *elements: str) -> tuple[Row[R], ...]:
        """The rows of all these elements, in the order of the rows."""
        numbers = (number for one in set(elements) for number in self._numbers.get(one, ()))
        return tuple(self._rows[number] for number in sorted(numbers))


@dataclass(frozen=True)
class Model:
    """The fused topology, and which services belong to which element."""

    seen: tuple[Seen[Architecture], ...]

    @cached_property
    def topology(self) -> Topology:
        elements = {e.id: e for one in self.seen for e in one.content.elements}
        relationships = {
            (r.source, r.destination, r.description): r for o in self.seen for r in o.content.relationships
        }
        return Topology(tuple(elements.values()), tuple(relationships.values()))

    @cached_property
    def element_of(self) -> dict[str, str]:
        return {b.service: b.element for one in self.seen for b in one.content.bindings}

    @cached_property
    def services_of(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for service, element in self.element_of.items():
            found.setdefault(element, []).append(service)
        return {element: tuple(services) for element, services in found.items()}

    @cached_property
    def identifiers(self) -> Mapping[str, tuple[str, ...]]:
        """Element ids by every identifier-like text that the elements carry, in lower case."""
        found: dict[str, dict[str, None]] = {}
        for e in self.topology.elements:
            for text in (e.id, e.id.rsplit(".", 1)[-1], e.name, *e.properties.values()):
                if len(text) >= LEAST_IDENTIFIER:
                    found.setdefault(text.casefold(), {})[e.id] = None
        return {text: tuple(ids) for text, ids in found.items() if len(ids) <= AMBIGUOUS}

    def name(self, element: str) -> str:
        known = self.topology.by_id.get(element)
        return known.name if known else element


@dataclass(frozen=True)
class Findings:
    """Everything after the tools reads from here, and from nowhere else."""

    model: Model
    symptom: Symptom
    windows: Windows
    calls: tuple[Seen[CallTally], ...]
    metrics: tuple[Seen[MetricChanges], ...]
    logs: tuple[Seen[LogComparison], ...]
    errors: tuple[Seen[ErrorFamilies], ...]
    changes: tuple[Seen[ChangeTimeline], ...]
    checks: tuple[Seen[InstrumentChanges], ...] = ()
    courses: tuple[Seen[Courses], ...] = ()
    times: tuple[Seen[TimeShifts], ...] = ()

    @cached_property
    def links(self) -> tuple[Row[Tally], ...]:
        return tuple(_rows(self.calls, "links", lambda c: c.links))

    @cached_property
    def nodes(self) -> tuple[Row[Tally], ...]:
        return tuple(_rows(self.calls, "nodes", lambda c: c.nodes))

    @cached_property
    def links_to(self) -> RowsOf[Tally]:
        """Links by the element that is called."""
        return RowsOf(self.links, lambda tally: self.element(tally.callee))

    @cached_property
    def nodes_of(self) -> RowsOf[Tally]:
        """Nodes by element."""
        return RowsOf(self.nodes, lambda tally: self.element(tally.caller))

    @cached_property
    def series(self) -> tuple[Row[SeriesChange], ...]:
        """Series that changed."""
        return tuple(row for row in _rows(self.metrics, "series", lambda c: c.series) if row.value.changed)

    @cached_property
    def series_of(self) -> RowsOf[SeriesChange]:
        """Series that changed, by element."""
        return RowsOf(self.series, lambda change: self.element(change.service))

    @cached_property
    def demand_of(self) -> RowsOf[SeriesChange]:
        """Series that count requests, changed or not, by element."""
        rows = [r for r in _rows(self.metrics, "series", lambda c: c.series) if _counts_requests(r.value)]
        return RowsOf(rows, lambda change: self.element(change.service))

    @cached_property
    def instruments(self) -> tuple[Row[InstrumentChange], ...]:
        """What was made of the readings of equipment, changed or not."""
        return tuple(_rows(self.checks, "changes", lambda c: c.changes))

    @cached_property
    def templates(self) -> tuple[Row[LogFinding], ...]:
        """Log templates that are new, vanished, more or fewer."""
        return tuple(r for r in _rows(self.logs, "findings", lambda c: c.findings) if r.value.kind != "same")

    @cached_property
    def fresh_templates_of(self) -> RowsOf[LogFinding]:
        """Log templates that are new or more, by element."""
        rows = [row for row in self.templates if row.value.kind in ("new", "more")]
        return RowsOf(rows, lambda finding: self.element(finding.service))

    @cached_property
    def families(self) -> tuple[Row[ErrorFamily], ...]:
        """Kinds of error that the baseline did not have."""
        return tuple(row for row in _rows(self.errors, "families", lambda c: c.families) if row.value.new)

    @cached_property
    def events(self) -> tuple[Row[ChangeEvent], ...]:
        return tuple(_rows(self.changes, "events", lambda c: c.events))

    @cached_property
    def observed(self) -> frozenset[str]:
        """Elements that send telemetry of their own: spans, logs or metrics."""
        services = {row.value.caller for row in self.nodes}
        services |= {one.service for seen in self.metrics for one in seen.content.series}
        services |= {one.service for seen in self.logs for one in seen.content.findings}
        return frozenset(map(self.element, services))

    def element(self, service: str) -> str:
        return self.model.element_of.get(service, service)


def _counts_requests(change: SeriesChange) -> bool:
    return change.kind is SignalKind.REQUESTS and change.baseline_mean > 0


def _rows(seen: Sequence[Seen[T]], key: str, take: Callable[[T], Sequence[R]]) -> Iterator[Row[R]]:
    for one in seen:
        for i, value in enumerate(take(one.content)):
            yield Row(one.observation, (key, i), value)


def gather(box: Toolbox, model: Model, symptom: Symptom, windows: Windows, whole: Window) -> Findings:
    """Asks every tool about the two windows."""
    baseline, incident = windows.baseline, windows.incident
    loops = loops_of(model.topology, model.element_of)
    span = Window(min(whole.start, baseline.start), max(whole.end, incident.end))
    return Findings(
        model,
        symptom,
        windows,
        _typed(traces.compare(box, baseline, incident), CallTally),
        _typed(metrics.compare(box, baseline, incident), MetricChanges),
        _typed(logs.compare(box, baseline, incident), LogComparison),
        _typed(logs.error_families(box, baseline, incident), ErrorFamilies),
        _typed(infrastructure.timeline(box, _with_lead(span)), ChangeTimeline),
        _typed(instruments.compare(box, baseline, incident, loops), InstrumentChanges),
        _typed(traces.courses(box, baseline, incident), Courses),
        _typed(traces.time_shifts(box, baseline, incident), TimeShifts),
    )


def _with_lead(window: Window) -> Window:
    """The window and as much again before it, at least a day: a change may act late."""
    return Window(window.start - max(window.seconds, 86_400.0), window.end)


def _typed(observations: Sequence[Observation], type_: type[T]) -> tuple[Seen[T], ...]:
    return tuple(Seen(o, content(o, type_)) for o in observations if o.content is not None)
