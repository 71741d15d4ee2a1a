"""Signs of equipment: what a mechanism leaves behind on a machine or an instrument, with the evidence that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from andon.analysis.signals import words
from andon.investigation.departures import clearness
from andon.investigation.evidence import series_evidence
from andon.investigation.findings import Findings, Model, Row
from andon.investigation.mechanisms import Sign
from andon.investigation.report import Evidence
from andon.investigation.tools.instruments import Check, InstrumentChange

__all__ = ["SIGNS", "sign_hits"]

_UPSTREAM = 3
"""Pieces of equipment before a pump among which the cause of a lack of suction is looked for."""


def sign_hits(sign: Sign, element: str, findings: Findings) -> Iterator[tuple[float, Evidence]]:
    """The strength (0 to 1) and the evidence of a sign of equipment at an element."""
    for row in SIGNS[sign.sign](sign, element, findings):
        strength = clearness(row)
        if strength > 0:
            yield strength, series_evidence(Row(row.observation, (*row.path, "change"), row.value.change))


def _at(element: str, findings: Findings, *checks: Check) -> Iterator[Row[InstrumentChange]]:
    for row in findings.instruments:
        if row.value.check in checks and findings.element(row.value.change.service) == element:
            yield row


def _reading(sign: Sign, element: str, findings: Findings) -> Iterator[Row[InstrumentChange]]:
    for row in _at(element, findings, Check.READING):
        if sign.words & set(words(row.value.of)) and sign.direction in (0, row.value.change.direction):
            yield row


def _unsteady(sign: Sign, element: str, findings: Findings) -> Iterator[Row[InstrumentChange]]:
    for row in _at(element, findings, Check.UNSTEADINESS):
        if not sign.words or sign.words & set(words(row.value.of)):
            yield row


def _tracking(_sign: Sign, element: str, findings: Findings) -> Iterator[Row[InstrumentChange]]:
    return _at(element, findings, Check.TRACKING)


def _disagreement(_sign: Sign, element: str, findings: Findings) -> Iterator[Row[InstrumentChange]]:
    return _at(element, findings, Check.METER)


def _restriction(_sign: Sign, element: str, findings: Findings) -> Iterator[Row[InstrumentChange]]:
    return (row for row in _at(element, findings, Check.RESISTANCE) if row.value.change.direction > 0)


def _suction_loss(sign: Sign, element: str, findings: Findings) -> Iterator[Row[InstrumentChange]]:
    """A pressure at the inlet that fell, or upstream a level that fell or a resistance that grew."""
    for row in _at(element, findings, Check.READING):
        if {"suction", "inlet"} & set(words(row.value.of)) and row.value.change.direction < 0:
            yield row
    for other in _upstream(element, findings.model):
        yield from _restriction(sign, other, findings)
        for row in _at(other, findings, Check.READING):
            if "level" in words(row.value.of) and row.value.change.direction < 0:
                yield row


def _upstream(element: str, model: Model) -> Sequence[str]:
    """The equipment before an element against the flow, nearest first, as far as there is only one way."""
    found = [element]
    for _ in range(_UPSTREAM):
        before = model.topology.callers.get(found[-1], ())
        if len(before) != 1 or before[0] in found:
            break
        found.append(before[0])
    return found[1:]


SIGNS: Mapping[str, Callable[[Sign, str, Findings], Iterator[Row[InstrumentChange]]]] = {
    "disagreement": _disagreement,
    "reading": _reading,
    "restriction": _restriction,
    "suction-loss": _suction_loss,
    "tracking": _tracking,
    "unsteady": _unsteady,
}
"""How each sign of equipment is read."""
