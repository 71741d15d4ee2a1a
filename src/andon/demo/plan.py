"""The plan of one run: when what is changed. A seed and the durations determine it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from andon.demo.decoys import DECOYS, look
from andon.demo.faults import FAULTS, Call, Change, Fault, culprit

__all__ = ["Plan", "draw_plan"]

_LOOK_EVERY = 1.5
_MARGIN = 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Times are seconds from the start of the recording; `load` is requests a second of each app.

    `culprit` is None for a run without a fault; `decoys` and `looks` are in ascending time.
    """

    fault: Fault
    seed: int
    load: float
    affected: float
    seconds: float
    culprit: Change | None
    decoys: tuple[Change, ...]
    looks: tuple[tuple[float, Call], ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Culprit and decoys in ascending time."""
        found = (*self.decoys, self.culprit) if self.culprit else self.decoys
        return tuple(sorted(found, key=lambda change: change.at))


def draw_plan(fault: str, seed: int, baseline: float, incident: float, load: float = 1.0) -> Plan:
    """Load, onset, severity and decoys of a run of `baseline + incident` seconds.

    The onset lies near the end of the baseline; `load` scales the drawn rate. Raises UsageError for an
    unknown fault or durations too short to hold a plan (10 s each).
    """
    draw = random.Random(f"{fault} {seed}")
    onset = baseline + draw.uniform(-0.1, 0.15) * min(baseline, incident)
    seconds = baseline + incident
    broken = culprit(fault, draw, onset)
    return Plan(
        fault=FAULTS[fault],
        seed=seed,
        load=round(load * draw.uniform(1.8, 3.0), 2),
        affected=draw.choice((0.375, 0.5, 0.625)),
        seconds=seconds,
        culprit=broken,
        decoys=_decoys(fault, broken, draw, onset, seconds),
        looks=tuple((at, look(draw)) for at in _moments(draw, seconds)),
    )


def _decoys(
    fault: str, broken: Change | None, draw: random.Random, onset: float, seconds: float
) -> tuple[Change, ...]:
    """Two or three before the onset, one close to it, one or two after it, each of another kind."""
    moments = [draw.uniform(_MARGIN, max(onset - _MARGIN, _MARGIN)) for _ in range(draw.randint(2, 3))]
    moments.append(max(onset + draw.choice((-1, 1)) * draw.uniform(2, 6), _MARGIN))
    moments += [draw.uniform(onset + _MARGIN, seconds - _MARGIN) for _ in range(draw.randint(1, 2))]
    kinds = [kind for kind in DECOYS if kind.rpartition(" ")[2] not in _touched(fault, broken)]
    return tuple(
        DECOYS[kind](at, draw)
        for at, kind in zip(sorted(moments), draw.sample(kinds, len(moments)), strict=True)
    )


def _touched(fault: str, broken: Change | None) -> set[str]:
    """Services that a decoy must leave alone, or it would heal or hide the fault."""
    if fault == "database-password-rotated":
        return {"subscription-service"}
    if broken and fault == "bad-deploy":
        return {str(broken.calls[0].parameters["family"])}
    return set()


def _moments(draw: random.Random, seconds: float) -> list[float]:
    found = [draw.expovariate(1 / _LOOK_EVERY)]
    while found[-1] < seconds:
        found.append(found[-1] + draw.expovariate(1 / _LOOK_EVERY))
    return found[:-1]
