"""Faults of what belongs to others: nothing here was changed."""

from __future__ import annotations

import random

from andon.demo.carrier import DELAY, FAILING
from andon.demo.faults.change import Change, Happening
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH

__all__ = ["FAULTS"]

_FAILS = "Most commands to the car end with an error, in both apps; the status of the car is shown as ever."
_SLOW = "Customers of both apps wait for seconds until the car is locked, unlocked or heated; its status comes at once."


def _external_dependency(draw: random.Random, onset: float) -> Scenario:
    """The carrier refuses most requests, or takes its time over each."""
    condition, strength, symptom = draw.choice(
        (
            (FAILING, draw.uniform(0.75, 1.0), _FAILS),
            (DELAY, draw.uniform(1.4, 2.4), _SLOW),
        )
    )
    change = Change(
        onset, "mobileCarrier", happenings=(Happening("mobile-carrier", condition, round(strength, 2)),)
    )
    path = ("mobileCarrier", *REACH["remote-vehicle-management-api"].path)
    return Scenario(symptom, (Culprit(change, ("dependency-failure",), path),))


FAULTS = (Fault("external-dependency", "Commands to cars fail or are slow", _external_dependency),)
