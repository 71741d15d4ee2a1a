"""Ranking: from scores to likelihoods, with a share left for what was not thought of or not seen."""

from __future__ import annotations

from collections.abc import Sequence

from andon.investigation.location import Location
from andon.investigation.report import Coverage
from andon.investigation.suspects import Suspect
from andon.investigation.toolbox import KNOWLEDGE
from andon.telemetry import Status

__all__ = ["MOST", "PIN", "likelihoods", "unseen"]

MOST = 7
"""How many hypotheses a report names at most."""
PIN = 3.0
"""What the score of a pinned component counts."""
_ALWAYS = 0.08
"""What is always left for something that was not thought of, a judgement; calibration says what is true of it."""
_EACH_GAP = 0.06
"""Doubt for each tool that got no answer: with all of them dark, a third."""
_SHARPNESS = 2.0
"""How much a lead counts: with squares, twice the score is four times as likely."""
_FAINT = 0.5
"""What causes count where nothing is abnormal beyond chance."""
_LACKING = {
    Status.FAILED: 1.0,
    Status.DENIED: 1.0,
    Status.TRUNCATED: 0.5,
    Status.PARTIAL: 0.15,
    Status.EMPTY: 0.25,
}


def unseen(coverage: Sequence[Coverage]) -> float:
    """How much of what was asked for did not come, as a share of doubt in [0, 0.5]."""
    worst: dict[str, float] = {}
    for row in coverage:
        if (
            row.tool == KNOWLEDGE
        ):  # Documents tell nothing of now, so what they lack leaves no doubt about it.
            continue
        worst[row.tool] = max(worst.get(row.tool, 0.0), _LACKING.get(row.status, 0.0))
    return min(0.5, _EACH_GAP * sum(worst.values()))


def likelihoods(
    suspects: Sequence[Suspect], location: Location, doubt: float, weights: Sequence[float] = ()
) -> tuple[tuple[float, ...], float]:
    """Likelihoods in the order of the suspects, and what is left for something else.

    Scores compete: each is sharpened by its lead over the others, and all of them by how much the
    best one explains at all. The sum is at most 1 less the doubt. `weights` are what each score counts, 1
    where none are given.
    """
    if not suspects:
        return (), 1.0
    scores = [s.score * weight for s, weight in zip(suspects, weights or [1.0] * len(suspects), strict=True)]
    sharpened = [score**_SHARPNESS for score in scores]
    explained = min(1.0, max(scores)) ** 0.5
    mass = explained * (1 - _ALWAYS - doubt) * (1.0 if location.abnormal else _FAINT)
    total = sum(sharpened)
    found = tuple(mass * weight / total for weight in sharpened)
    return found, 1 - sum(found)
