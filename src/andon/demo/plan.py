"""The plan of one run: when what is changed. A seed and the durations determine it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from andon.demo.decoys import DECOYS, TWINS, look, twins
from andon.demo.faults import FAULTS, Call, Change, Fault, Scenario
from andon.errors import UsageError

__all__ = ["Plan", "draw_plan"]

_LOOK_EVERY = 1.5
_MARGIN = 3.0
_TWINS = 0.4
"""How often both backends of the apps get one release shortly before the onset."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Times are seconds from the start of the recording; `load` is requests a second of each app.

    `scenario.culprits` is empty for a control; `decoys` and `looks` are in ascending time.
    """

    fault: Fault
    seed: int
    load: float
    affected: float
    seconds: float
    scenario: Scenario
    decoys: tuple[Change, ...]
    looks: tuple[tuple[float, Call], ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Culprits and decoys in ascending time."""
        found = (*self.decoys, *(culprit.change for culprit in self.scenario.culprits))
        return tuple(sorted(found, key=lambda change: change.at))


def draw_plan(fault: str, seed: int, baseline: float, incident: float, load: float = 1.0) -> Plan:
    """Load, onset, severity and decoys of a run of `baseline + incident` seconds.

    The onset lies near the end of the baseline; `load` scales the drawn rate. Raises UsageError for an
    unknown fault or durations too short to hold a plan (10 s each).
    """
    if fault not in FAULTS:
        raise UsageError(f"there is no fault {fault!r}", hint=f"one of: {', '.join(FAULTS)}")
    draw = random.Random(f"{fault} {seed}")
    onset = baseline + draw.uniform(-0.1, 0.15) * min(baseline, incident)
    seconds = baseline + incident
    scenario = FAULTS[fault].draw(draw, onset)
    return Plan(
        fault=FAULTS[fault],
        seed=seed,
        load=round(load * scenario.load * draw.uniform(1.8, 3.0), 2),
        affected=draw.choice((0.375, 0.5, 0.625)),
        seconds=seconds,
        scenario=scenario,
        decoys=_decoys(scenario, draw, onset, seconds),
        looks=tuple((at, look(draw)) for at in _moments(draw, seconds)),
    )


def _decoys(scenario: Scenario, draw: random.Random, onset: float, seconds: float) -> tuple[Change, ...]:
    """Two or three before the onset, one close to it, one or two after it, each of another kind."""
    moments = [draw.uniform(_MARGIN, max(onset - _MARGIN, _MARGIN)) for _ in range(draw.randint(2, 3))]
    moments.append(max(onset + draw.choice((-1, 1)) * draw.uniform(2, 6), _MARGIN))
    moments += [draw.uniform(onset + _MARGIN, seconds - _MARGIN) for _ in range(draw.randint(1, 2))]
    paired = draw.random() < _TWINS and not scenario.spared & set(TWINS)
    spared = scenario.spared | set(TWINS) if paired else scenario.spared
    kinds = [kind for kind in DECOYS if kind.rpartition(" ")[2] not in spared]
    drawn = zip(sorted(moments), draw.sample(kinds, len(moments)), strict=True)
    changes = [*(DECOYS[kind](at, draw) for at, kind in drawn), *scenario.decoys]
    if paired:
        changes += twins(max(onset - draw.uniform(6, 15), _MARGIN), draw)
    return tuple(sorted(changes, key=lambda change: change.at))


def _moments(draw: random.Random, seconds: float) -> list[float]:
    found = [draw.expovariate(1 / _LOOK_EVERY)]
    while found[-1] < seconds:
        found.append(found[-1] + draw.expovariate(1 / _LOOK_EVERY))
    return found[:-1]
