"""Signs in the course of invocations and in the time between services, with the evidence that shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from andon.analysis.courses import CourseChange, CourseShift
from andon.analysis.invocations import StepKind
from andon.analysis.signals import words
from andon.investigation.course_evidence import edge_evidence, step_evidence
from andon.investigation.findings import Findings, Row, Seen
from andon.investigation.report import Evidence
from andon.investigation.tools.traces import Courses

__all__ = ["SIGNS"]

_LEAST = 2.0
"""Standard deviations below which a shift is no sign: chance alone goes that far once in forty times."""
_WHOLE = 6.0
"""Standard deviations from which on a shift counts whole: chance does not reach them in any system's lifetime."""
_SHARED = 0.3
"""What time between services says of the network where a busy service explains it as well."""
_COMPUTING = frozenset(["cpu", "steal", "threads"])
"""Words of metrics of what requests wait for before a service so much as takes them."""
_IN_EXCHANGE = 0.5
"""A step that comes stands for one that went where it is at least this part as sure."""
_EXCEPTION = re.compile(
    r"exception|traceback|panic|stack ?trace|unhandled|uncaught|\bthr(?:ew|own)\b|segmentation|\w+Error\b",
    re.IGNORECASE,
)


def _cut_short(element: str, findings: Findings) -> Iterator[tuple[float, Evidence]]:
    """Steps that went without others in their stead, or for an exception."""
    for seen, shift in _shifts(element, findings):
        gained = _gained(shift, seen.content)
        if gained is None or _is_exception(gained):
            yield from _told(seen, shift, shift.lost if shift.lost >= 0 else shift.gained)


def _other_course(element: str, findings: Findings) -> Iterator[tuple[float, Evidence]]:
    """Steps that came, for others that went or beside them, and that are no exception."""
    for seen, shift in _shifts(element, findings):
        gained = _gained(shift, seen.content)
        if gained is not None and not _is_exception(gained):
            yield from _told(seen, shift, shift.gained)


def _edge_delay(element: str, findings: Findings) -> Iterator[tuple[float, Evidence]]:
    """Time that is lost on the way to a service and from it; a service that lacks a processor is late on all its ways too."""
    told = _SHARED if _busy(element, findings) else 1.0
    for seen in findings.times:
        for network in seen.content.networks:
            if findings.element(network.service) == element and network.z >= _LEAST:
                edge = seen.content.edges[network.slowest]
                row = Row(seen.observation, ("edges", network.slowest), edge)
                yield told * min(1.0, network.z / _WHOLE), edge_evidence(row)


def _busy(element: str, findings: Findings) -> bool:
    """Whether what the element computes with is used far more than ever in quiet time."""
    return any(
        change.changed and change.z >= _WHOLE and findings.element(change.service) == element
        for seen in findings.metrics
        for change in seen.content.series
        if _COMPUTING.intersection(words(change.name))
    )


def _shifts(element: str, findings: Findings) -> Iterator[tuple[Seen[Courses], CourseShift]]:
    for seen in findings.courses:
        for shift in seen.content.shifts:
            if findings.element(shift.service) == element and shift.own >= _LEAST:
                yield seen, shift


def _gained(shift: CourseShift, courses: Courses) -> CourseChange | None:
    """The step that came, where it is sure enough to stand for the one that went."""
    if shift.gained < 0:
        return None
    gained = courses.changes[shift.gained]
    lost = abs(courses.changes[shift.lost].z) if shift.lost >= 0 else 0.0
    return gained if _is_exception(gained) or gained.z >= _IN_EXCHANGE * lost else None


def _is_exception(change: CourseChange) -> bool:
    step = change.step
    return step.kind is StepKind.FAILURE or (step.error and bool(_EXCEPTION.search(step.text)))


def _told(seen: Seen[Courses], shift: CourseShift, place: int) -> Iterator[tuple[float, Evidence]]:
    row = Row(seen.observation, ("changes", place), seen.content.changes[place])
    yield min(1.0, shift.own / _WHOLE), step_evidence(row)


SIGNS: Mapping[str, Callable[[str, Findings], Iterator[tuple[float, Evidence]]]] = {
    "cut-short": _cut_short,
    "edge-delay": _edge_delay,
    "other-course": _other_course,
}
