"""Equipment: which elements of the architecture are machines and instruments, and what joins them."""

from __future__ import annotations

from collections.abc import Mapping

from andon.telemetry import Topology

__all__ = ["is_equipment", "joined", "loops_of"]

_TAG = "equipment"


def is_equipment(element: str, topology: Topology) -> bool:
    """Whether the architecture tags the element as equipment of a plant."""
    known = topology.by_id.get(element)
    return known is not None and any(tag.casefold() == _TAG for tag in known.tags)


def loops_of(topology: Topology, element_of: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The services of the equipment, one group for each set of elements that relationships join."""
    services = {s: e for s, e in element_of.items() if is_equipment(e, topology)}
    found: list[tuple[str, ...]] = []
    left = dict.fromkeys(services.values())
    while left:
        first = next(iter(left))
        loop = joined(first, topology)
        found.append(tuple(sorted(s for s, e in services.items() if e in loop)))
        left = {e: None for e in left if e not in loop}
    return tuple(found)


def joined(element: str, topology: Topology) -> frozenset[str]:
    """The equipment that relationships join with a piece of it, whichever way they point: one flow is felt in all of it."""
    if not is_equipment(element, topology):
        return frozenset()
    seen, frontier = {element}, [element]
    while frontier:
        here = frontier.pop()
        near = (*topology.callees.get(here, ()), *topology.callers.get(here, ()))
        fresh = [e for e in near if e not in seen and is_equipment(e, topology)]
        seen.update(fresh)
        frontier.extend(fresh)
    return frozenset(seen)
