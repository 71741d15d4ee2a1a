"""Voting: what several independent investigations say together, and when more of them cannot change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from andon.investigation.agent.gate import Standing

__all__ = ["ROUND", "Ballot", "Key", "counted", "settled"]

Key = tuple[str, str, str | None]
"""Component, mechanism, change: hypotheses that have these in common are the same."""

ROUND = 3
"""Samples of a round; whether to go on is asked after each round, since samples of a round share what they cost to start."""
_SURE = 0.95
"""Chance that the leader stays ahead of the runner-up from which on no more samples are drawn."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a number of samples said.

    `leaders` counts for each hypothesis in how many samples it led; `weights` are the mean of its share of the
    likelihood over all samples, so that they add up to at most 1.
    """

    samples: int
    leaders: dict[Key, int]
    weights: dict[Key, float]

    @property
    def leader(self) -> Key | None:
        """The hypothesis that led most often; of equal ones the one of more weight."""
        if not self.leaders:
            return None
        return max(self.leaders, key=lambda key: (self.leaders[key], self.weights[key], _text(key)))

    @property
    def agreement(self) -> float:
        """The part of the samples that name the leader first, 0 where nobody names anything."""
        return self.leaders[self.leader] / self.samples if self.leader is not None else 0.0


def counted(samples: Sequence[Sequence[Standing]]) -> Ballot:
    """The ballot of several samples, each the hypotheses that passed in it. One without any counts as an abstention."""
    leaders: dict[Key, int] = {}
    weights: dict[Key, float] = {}
    for sample in samples:
        if not sample:
            continue
        total = sum(one.likelihood for one in sample)
        shares = {one.suspect.key: one.likelihood / total if total else 1 / len(sample) for one in sample}
        first = max(sample, key=lambda one: one.likelihood).suspect.key
        leaders[first] = leaders.get(first, 0) + 1
        for key, share in shares.items():
            weights[key] = weights.get(key, 0.0) + share / len(samples)
    return Ballot(len(samples), leaders, weights)


def settled(ballot: Ballot, most: int) -> bool:
    """Whether the samples that may still be drawn cannot, or will hardly, change the leader.

    They cannot where the lead is larger than what is left. They hardly will where, by the votes of the first two
    alone (a Beta distribution with a uniform prior), the leader is the more frequent answer with a chance of 95 %
    (Adaptive-Consistency, arXiv 2305.11860, asked after each round).
    """
    counts = sorted(ballot.leaders.values(), reverse=True)
    if not counts:
        return ballot.samples >= most
    first, second = counts[0], counts[1] if len(counts) > 1 else 0
    if first - second > most - ballot.samples:
        return True
    return _ahead(first, second) >= _SURE


def _ahead(first: int, second: int) -> float:
    """The chance that the first answer is more frequent than the second: P(p > 1/2) for p ~ Beta(first+1, second+1).

    For whole counts it is the chance of at most `first` heads in first + second + 1 throws of a coin.
    """
    throws = first + second + 1
    ways, total = 1, 0
    for heads in range(first + 1):
        total += ways
        ways = ways * (throws - heads) // (heads + 1)
    return total / float(2**throws)


def _text(key: Key) -> tuple[str, str, str]:
    return key[0], key[1], key[2] or ""
