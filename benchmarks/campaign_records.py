"""What the cases of a campaign showed, as it is kept in results.json: all figures can be computed from it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from andon.evaluation import Verdict

__all__ = ["CASES", "OWN", "Measured", "Peers"]

OWN = "own"
"""The variant in which andon finds out itself when it began; others are told, by seconds off the truth."""


@dataclass(frozen=True, slots=True)
class Peers:
    """`components` have metrics, and `accepted` of them are at fault; `places` of the first accepted one, 0 for none.

    `cpu` are seconds of each method, without the reading of the metrics. All empty for a control: a ranking always
    names somebody.
    """

    components: int = 0
    accepted: int = 0
    places: Mapping[str, int] = field(default_factory=dict)
    cpu: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one case showed.

    `variants` holds a verdict for each way of being asked: `own`, and the stated start's offset in seconds. `cpu` are
    the seconds of the `own` investigation, `onset_error` its onset less the truth, None where either is unknown.
    `decoys` counts innocent changes of the guilty kind of action elsewhere, `blamed` is whether the first hypothesis
    names one. `story` tells a wrong answer in a paragraph.
    """

    case: str
    fault: str
    variants: Mapping[str, Verdict]
    cpu: float
    onset_error: float | None = None
    decoys: int = 0
    blamed: bool = False
    peers: Peers = field(default_factory=Peers)
    story: str = ""
    error: str = ""

    @property
    def verdict(self) -> Verdict:
        """Of the way of asking that is ours: nothing is told but the symptom."""
        return self.variants[OWN]


CASES = TypeAdapter(tuple[Measured, ...])
"""From and to plain JSON."""
