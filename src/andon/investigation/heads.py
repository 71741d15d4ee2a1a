"""Heads: what each kind of evidence says of each component, on one scale, so that the strongest may be followed.

A head looks at one thing: resources that run out, the course of invocations, the network between services, the time that
services spend themselves. It is calibrated on its own quiet time, and says how surprising a component is: minus the decimal
logarithm of the chance that quiet time shows any of its components so far off. Heads are not summed: a component counts what
its strongest head says of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from andon.analysis.signals import words
from andon.investigation.findings import Findings
from andon.storage import Observation

__all__ = ["RESOURCES", "Head", "Mark", "marks", "strongest", "surprise_of"]

RESOURCES = frozenset(
    "cpu memory mem heap rss disk filesystem inode inodes pool connections threads goroutines fds swap steal".split()
)
"""Words of metrics of what a component can run out of. Traffic is none of it: it follows demand."""
_HEADS = 4
"""How many heads are asked: each may speak without cause in that part of the quiet windows only."""
_LEAST_P = 1e-300
"""The smallest chance that has a logarithm."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the strongest head says of an element; the number that says so stands at `path` in the observation."""

    element: str
    head: Head
    surprise: float
    observation: Observation
    path: tuple[str | int, ...]


Head = str
"""`resource`, `course`, `network` or `own time`."""


def marks(findings: Findings) -> tuple[Mark, ...]:
    """One mark for each element that any head finds surprising, the most surprising first."""
    return tuple(mark for mark in strongest(findings) if mark.surprise > 0)


def strongest(findings: Findings) -> tuple[Mark, ...]:
    """One mark for each element of which any head speaks, were it what chance alone brings about."""
    best: dict[str, Mark] = {}
    for head in (_resources, _courses, _networks, _own_times):
        for mark in head(findings):
            if mark.element not in best or mark.surprise > best[mark.element].surprise:
                best[mark.element] = mark
    return tuple(sorted(best.values(), key=lambda mark: (-mark.surprise, mark.element)))


def surprise_of(z: float) -> float:
    """How surprising so many standard deviations to one side are."""
    return max(0.0, _surprise(_tail(z), 1))


def _surprise(p: float, among: int) -> float:
    """Of a chance that holds for one of so many that were looked at; negative where quiet time brings several."""
    return -math.log10(max(_LEAST_P, p * max(1, among) * _HEADS))


def _tail(z: float) -> float:
    """Chance of more than z standard deviations to one side."""
    return math.erfc(z / math.sqrt(2)) / 2


def _resources(findings: Findings) -> Iterator[Mark]:
    """Resources that are used more; a service's series of one resource count as one."""
    for seen in findings.metrics:
        looked_at = {
            (change.service, word)
            for change in seen.content.series
            for word in RESOURCES.intersection(words(change.name))
        }
        for i, change in enumerate(seen.content.series):
            if change.changed and change.z > 0 and RESOURCES.intersection(words(change.name)):
                element, surprise = findings.element(change.service), _surprise(change.p, len(looked_at))
                yield Mark(element, "resource", surprise, seen.observation, ("series", i, "z"))


def _courses(findings: Findings) -> Iterator[Mark]:
    for seen in findings.courses:
        for i, shift in enumerate(seen.content.shifts):
            surprise = _surprise(2 * _tail(shift.own), seen.content.tested)
            yield Mark(
                findings.element(shift.service), "course", surprise, seen.observation, ("shifts", i, "own")
            )


def _networks(findings: Findings) -> Iterator[Mark]:
    for seen in findings.times:
        for i, shift in enumerate(seen.content.networks):
            surprise = _surprise(_tail(shift.z), len(seen.content.networks))
            yield Mark(
                findings.element(shift.service), "network", surprise, seen.observation, ("networks", i, "z")
            )


def _own_times(findings: Findings) -> Iterator[Mark]:
    for seen in findings.times:
        for i, shift in enumerate(seen.content.own):
            if shift.slower:
                surprise = _surprise(_tail(shift.z), len(seen.content.own))
                yield Mark(
                    findings.element(shift.caller), "own time", surprise, seen.observation, ("own", i, "z")
                )
