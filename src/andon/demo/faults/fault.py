"""A fault, the scenario that a seed draws from it, and the answer that belongs to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from andon.demo.faults.change import Change

__all__ = ["Culprit", "Fault", "Scenario"]


@dataclass(frozen=True, slots=True)
class Culprit:
    """What breaks the estate, and all answers that are right.

    `mechanisms` are slugs, the best one first. `components` are the identifiers in `architecture.dsl` that
    may be named as the cause; without any, that of the change. `path` leads from the cause to where the
    customer feels it.
    """

    change: Change
    mechanisms: tuple[str, ...]
    path: tuple[str, ...]
    components: tuple[str, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        return self.components or (self.change.component,)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One draw of a fault. `symptom` is all that an investigator is told, with the title.

    `spared` are services that decoys must leave alone, or they would heal or hide the fault; `decoys` are
    further innocent changes of this scenario; `load` multiplies the drawn number of requests.
    """

    symptom: str
    culprits: tuple[Culprit, ...] = ()
    spared: frozenset[str] = frozenset()
    decoys: tuple[Change, ...] = ()
    load: float = 1.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`draw` takes a source of chance and the onset in seconds after the recording began.

    A `control` breaks nothing: whoever names a culprit is wrong.
    """

    name: str
    title: str
    draw: Callable[[random.Random, float], Scenario]
    control: bool = False
