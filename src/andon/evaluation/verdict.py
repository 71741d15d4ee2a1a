"""Right or wrong: ranked hypotheses judged by the ground truth of their incident.

There are two levels. At the *change* level a hypothesis is right when it names the guilty change or, where nothing was
changed, when it accuses no change and names an accepted component with an accepted mechanism. At the *component*
level it is right when it names an accepted component. Of a control everything that is named is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from andon.evaluation.ground_truth import Culprit, GroundTruth
from andon.evaluation.grounding import Grounding, ground
from andon.telemetry import Topology

__all__ = ["Level", "Named", "Verdict", "judge"]


class Level(StrEnum):
    """What must be named: the guilty change, or merely the component at fault."""

    CHANGE = "change"
    COMPONENT = "component"


class Named(Protocol):
    """What a hypothesis says, as far as it is judged; those of a report are such."""

    @property
    def component(self) -> str: ...

    @property
    def mechanism(self) -> str: ...

    @property
    def change(self) -> str | None: ...

    @property
    def likelihood(self) -> float: ...

    @property
    def path(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """How right the hypotheses of one incident are.

    `changes` and `components` hold for each culprit the place (from 1) of the first hypothesis that is right about it
    at that level, 0 where none is. `mechanism` says whether the first hypothesis names an accepted mechanism, None
    where none is demanded. `likelihood` is that of the first hypothesis, None where nothing was named.
    """

    control: bool
    named: int
    likelihood: float | None
    changes: tuple[int, ...]
    components: tuple[int, ...]
    mechanism: bool | None
    grounding: Grounding | None

    @property
    def right(self) -> bool:
        """Whether the first hypothesis is right at the change level."""
        return self.within(1)

    @property
    def abstained(self) -> bool:
        """Whether nothing was named although something was broken."""
        return not self.control and not self.named

    @property
    def false_culprit(self) -> bool:
        """Whether anything was named although nothing was broken."""
        return self.control and self.named > 0

    @property
    def grounded(self) -> bool:
        """Whether the first hypothesis is right, with an accepted mechanism and a chain that lies on the known path."""
        return (
            self.right and self.mechanism is not False and self.grounding is not None and self.grounding.holds
        )

    def within(self, k: int, level: Level = Level.CHANGE) -> bool:
        """Whether the first k hypotheses name the culprits: all of them, or as many as fit into k."""
        places = self.changes if level is Level.CHANGE else self.components
        return bool(places) and sum(0 < place <= k for place in places) >= min(k, len(places))


def judge(truth: GroundTruth, hypotheses: Sequence[Named], topology: Topology | None = None) -> Verdict:
    """Judges hypotheses, best first. With a topology chains are compared as `grounding.ground` says."""
    first = hypotheses[0] if hypotheses else None
    demanded = any(culprit.mechanisms for culprit in truth.culprits)
    return Verdict(
        control=truth.control,
        named=len(hypotheses),
        likelihood=first.likelihood if first else None,
        changes=tuple(_place(hypotheses, culprit, Level.CHANGE) for culprit in truth.culprits),
        components=tuple(_place(hypotheses, culprit, Level.COMPONENT) for culprit in truth.culprits),
        mechanism=_mechanism(first, truth) if demanded else None,
        grounding=_grounding(first, truth, topology) if first else None,
    )


def _place(hypotheses: Sequence[Named], culprit: Culprit, level: Level) -> int:
    return next((i for i, h in enumerate(hypotheses, 1) if _names(h, culprit, level)), 0)


def _names(hypothesis: Named, culprit: Culprit, level: Level) -> bool:
    if level is Level.COMPONENT:
        return hypothesis.component in culprit.components
    if culprit.change:
        return hypothesis.change == culprit.change
    accepted = not culprit.mechanisms or hypothesis.mechanism in culprit.mechanisms
    return not hypothesis.change and hypothesis.component in culprit.components and accepted


def _about(hypothesis: Named, truth: GroundTruth) -> Culprit | None:
    """The culprit that the hypothesis is right about, else the one whose component it names."""
    for level in Level:
        for culprit in truth.culprits:
            if _names(hypothesis, culprit, level):
                return culprit
    return None


def _mechanism(first: Named | None, truth: GroundTruth) -> bool:
    if first is None:
        return False
    culprit = _about(first, truth)
    return culprit is not None and (not culprit.mechanisms or first.mechanism in culprit.mechanisms)


def _grounding(first: Named, truth: GroundTruth, topology: Topology | None) -> Grounding | None:
    culprit = _about(first, truth) or next(iter(truth.culprits), None)
    return ground(first.path, culprit, topology) if culprit else None
