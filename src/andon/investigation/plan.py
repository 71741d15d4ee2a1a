"""The plan: what of the systems is looked at, first around the symptom, then everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from andon.investigation.findings import Model
from andon.investigation.report import Report, Symptom
from andon.telemetry import Topology

__all__ = ["FIRST_LOOK", "SECOND_LOOK", "Reach", "first_reach", "settled"]

FIRST_LOOK = 2_000
"""Records, and spans, of the first look: a hundred of each of twenty services, so that what befalls one in twenty is seen."""
SECOND_LOOK = 20_000
"""Ten times as many show what befalls one in two hundred; what is rarer is found by its errors, which are fetched first."""
_NEARLY_ALL = 0.8
"""A reach that leaves out fewer services than this saves little, and hides unharmed peers."""
_SURE = 0.5
"""The likelihood from which on the leader is likelier than everything else together."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The services that are looked at, none for all, and why these."""

    services: tuple[str, ...]
    why: str


def first_reach(model: Model, symptom: Symptom) -> Reach:
    """What the cause of the symptom must be near to: all that its components depend on, who calls them, their peers.

    What stands in no relationship to anything is looked at too: nobody knows what depends on it.
    """
    services = model.element_of
    if not symptom.components:
        return Reach((), "the question names no component")
    near = _near(model.topology, symptom.components)
    joined = {end for r in model.topology.relationships for end in (r.source, r.destination)}
    chosen = sorted(s for s, element in services.items() if element in near or element not in joined)
    if len(chosen) >= _NEARLY_ALL * len(services):
        return Reach((), "the symptom's components depend on nearly everything")
    return Reach(tuple(chosen), f"{len(chosen)} of {len(services)} services stand in a relationship to it")


def _near(topology: Topology, components: Iterable[str]) -> set[str]:
    below = set(topology.distances(components))
    callers = {caller for element in below for caller in topology.callers.get(element, ())}
    peers = {callee for caller in callers for callee in topology.callees.get(caller, ())}
    return _with_kin(topology, below | callers | peers)


def _with_kin(topology: Topology, elements: set[str]) -> set[str]:
    """With what contains them, what they contain, and where they are deployed."""
    found = set(elements)
    for element in topology.elements:
        kin = {element.parent, element.instance_of} - {""}
        if element.id in elements:
            found |= kin
        elif kin & elements:
            found |= {element.id} | kin
    return found


def settled(report: Report) -> bool:
    """Whether the first look is enough: it names a cause that is likelier than everything else together."""
    return bool(report.hypotheses) and report.hypotheses[0].likelihood >= _SURE
