"""Whether a named cause comes with a causal chain that is true: along the way that the effect really took.

A chain runs from the cause to where the customer feels it. It lies on the known path when it starts at an accepted
cause, leaves it, holds nothing that the effect did not pass through, never steps backwards, and arrives at an end.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from andon.evaluation.ground_truth import Culprit
from andon.telemetry import ElementKind, Topology

__all__ = ["Grounding", "ends", "ground", "tolerated"]


@dataclass(frozen=True, slots=True)
class Grounding:
    """A chain against the known path.

    `precision` is the share of its elements that the effect passed through or that are tolerated, `recall` the share
    of the known path that it holds (below 1 wherever the path branches, since a chain takes one branch), `order` the
    share of its steps that follow the effect. `astray` are the elements beside the path.
    """

    precision: float
    recall: float
    order: float
    starts: bool
    arrives: bool
    astray: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the chain lies on the known path from the cause to an end."""
        return self.starts and self.arrives and not self.astray and self.order == 1.0


def ground(path: Sequence[str], culprit: Culprit, topology: Topology | None = None) -> Grounding:
    """Compares a chain of element ids with the known path of a culprit.

    With a topology what belongs to the path or guards it is tolerated (see `tolerated`), and the ends of all branches
    are known; without one the last element of the known path is its only end.
    """
    known = tuple(dict.fromkeys((*culprit.components, *culprit.path)))
    place = {element: i for i, element in enumerate(culprit.path)}
    place |= {root: -1 for root in culprit.components if root not in place}
    allowed = tolerated(topology, known) if topology else frozenset()
    goals = ends(topology, culprit.path) if topology else frozenset(culprit.path[-1:])
    astray = tuple(element for element in path if element not in place and element not in allowed)
    met = [place[element] for element in path if element in place]
    steps = [before < after for before, after in pairwise(met)]
    through = [element for element in culprit.path if element in path]
    return Grounding(
        precision=1 - len(astray) / len(path) if path else 0.0,
        recall=len(through) / len(culprit.path) if culprit.path else 1.0,
        order=sum(steps) / len(steps) if steps else 1.0,
        starts=bool(path) and path[0] in culprit.components,
        arrives=bool(path) and (path[-1] in goals or not goals),
        astray=astray,
    )


def tolerated(topology: Topology, known: Sequence[str]) -> Set[str]:
    """What a chain may hold beside the known path without being wrong.

    That is what contains an element of the path or is contained in one, its instances and the nodes that these run
    on, and infrastructure that sits on an edge of the path: a security group between two elements of it, say.
    """
    inside = set(known)
    inside |= {e.id for e in topology.elements if e.instance_of in inside}
    around = {above for id_ in inside for above in _above(topology, id_)}
    below = {e.id for e in topology.elements if inside.intersection(_above(topology, e.id))}
    between = {
        e.id
        for e in topology.elements
        if e.kind is ElementKind.INFRASTRUCTURE_NODE
        and inside.intersection(topology.callers.get(e.id, ()))
        and inside.intersection(topology.callees.get(e.id, ()))
    }
    return frozenset(inside | around | below | between)


def ends(topology: Topology, path: Sequence[str]) -> Set[str]:
    """The elements of a known path that nothing else on it calls, and its last: where its branches end."""
    on = set(path)
    called = {e for e in path if on.intersection(topology.callers.get(e, ())) - {e}}
    infrastructure = {
        e for e in path if e in topology.by_id and topology.by_id[e].kind is ElementKind.INFRASTRUCTURE_NODE
    }
    return frozenset((on - called - infrastructure) | set(path[-1:]))


def _above(topology: Topology, id_: str) -> list[str]:
    """What contains the element, innermost first."""
    found: list[str] = []
    while (element := topology.by_id.get(id_)) and element.parent and element.parent not in found:
        found.append(id_ := element.parent)
    return found
