"""Places: how much of the symptom a cause at an element can account for.

What was measured at a place may come from what it waits for and nobody traces, or from a callee that
its own log accuses; both are places as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from andon.analysis.signals import words
from andon.investigation.findings import Findings
from andon.investigation.location import Location

__all__ = ["place_of", "places_behind", "telling_words"]

_BEHIND = 0.9
"""What a place counts for a callee that leaves no spans or that it accuses: nearly all may come from there."""
_OWN = 0.2
"""The share of its own that a place has at least, to speak for what stands behind it."""
_COMMON = frozenset(
    "service services server svc api app the and backend mobile platform system database".split()
)
"""Words that the names of many components hold."""


def places_behind(findings: Findings, location: Location) -> dict[str, float]:
    """Elements behind the places that were measured, each with what it can account for, at most 1.

    What is faint at a place does not speak for what stands behind it.
    """
    if location.faint:
        return {}
    places = {s.element: place_of((s.element,), location) for s in location.shares}
    behind: dict[str, float] = {}
    own = {element: location.own(element) for element in places}
    traced = {findings.element(row.value.caller) for row in findings.nodes}
    traced |= {findings.element(row.value.callee) for row in findings.links}
    for element in sorted(places, key=lambda e: -places[e]):
        for callee in findings.model.topology.callees.get(element, ()):
            silent = callee not in traced and callee in findings.model.services_of
            if silent or (own[element] >= _OWN and _accused(element, callee, findings)):
                share = places[element] if silent else own[element]
                behind[callee] = max(behind.get(callee, 0.0), _BEHIND * share)
    return behind


def place_of(reach: Iterable[str], location: Location) -> float:
    """How much of the symptom a cause that acts on these elements can account for, at most 1.

    Its own work counts whole, and so do calls between two of the elements; calls to one of them count
    whole when it alone is meant; calls that one of them makes count half, for they may fail elsewhere.
    """
    elements = tuple(dict.fromkeys(reach))
    total = 0.0
    for share in location.shares:
        if not share.caller:
            total += share.share if share.element in elements else 0.0
        elif share.element in elements and share.caller in elements:
            total += share.share
        elif share.element in elements:
            total += share.share * (1.0 if len(elements) == 1 else 0.3)
        elif share.caller in elements:
            total += share.share * 0.5
    return min(1.0, total)


def _accused(element: str, callee: str, findings: Findings) -> bool:
    """Whether errors that are new at an element name its callee."""
    named = telling_words(callee, findings)
    fresh = (row.value for row in findings.fresh_templates_of.get(element, ()) if row.value.error)
    return any(named & set(words(c.samples[0].text.split("\n", 1)[0])) for c in fresh if c.samples)


def telling_words(element: str, findings: Findings) -> frozenset[str]:
    """Words by which a line names an element: of its name, its id and its services, without common ones."""
    known = findings.model.topology.by_id.get(element)
    names = (element, known.name if known else "", *findings.model.services_of.get(element, ()))
    return frozenset(word for name in names for word in words(name) if len(word) > 2) - _COMMON
