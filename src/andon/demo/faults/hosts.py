"""Faults of the hosts that services run on: a neighbour that takes the CPU, a clock that jumps."""

from __future__ import annotations

import random

from andon.demo.clock import OFFSET
from andon.demo.faults.change import Change, Happening
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH
from andon.demo.hosts import CPU_STOLEN
from andon.demo.services.freshness import TOLERANCE_SECONDS

__all__ = ["FAULTS"]

_DATED = (
    "auth-service",
    "subscription-service",
    "remote-vehicle-management-api",
    "mobile-bff-ios",
    "mobile-bff-android",
)
_SLOW = {
    "commands to the car": "{who} wait for seconds until the car is locked, unlocked or heated; its status comes at once.",
    "whatever they tap": "{who} wait for seconds, whatever they tap in the app.",
}
_REFUSED = {
    "commands to the car": "{who} cannot lock, unlock or heat their cars; the status is still shown.",
    "whatever they tap": "{who} get an error at once, whatever they tap in the app.",
}


def _cpu_starvation(draw: random.Random, onset: float) -> Scenario:
    service = draw.choice(list(REACH))
    reach = REACH[service]
    stolen = Happening(service, CPU_STOLEN, round(draw.uniform(0.86, 0.94), 3))
    change = Change(onset, reach.component, happenings=(stolen,))
    return Scenario(
        _SLOW[reach.what].format(who=reach.who),
        (Culprit(change, ("resource-exhaustion",), reach.path),),
        spared=frozenset({service}),
    )


def _clock_skew(draw: random.Random, onset: float) -> Scenario:
    service = draw.choice(_DATED)
    reach = REACH[service]
    seconds = draw.choice((-1, 1)) * draw.uniform(2 * TOLERANCE_SECONDS, 6 * TOLERANCE_SECONDS)
    change = Change(onset, reach.component, happenings=(Happening(service, OFFSET, round(seconds, 3)),))
    return Scenario(
        _REFUSED[reach.what].format(who=reach.who),
        (Culprit(change, ("clock-skew",), reach.path),),
        spared=frozenset({service}),
    )


FAULTS = (
    Fault("cpu-starvation", "The apps have become slow", _cpu_starvation),
    Fault("clock-skew", "The app refuses what customers want", _clock_skew),
)
