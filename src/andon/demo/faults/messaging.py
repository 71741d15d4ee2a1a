"""Faults of the messages between the platform and the cars."""

from __future__ import annotations

import random

from andon.demo.broker import PAUSE
from andon.demo.faults.change import Change, Happening
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH

__all__ = ["FAULTS"]


def _broker_delay(draw: random.Random, onset: float) -> Scenario:
    reach = REACH["mqtt-broker"]
    slow = Happening("mqtt-broker", PAUSE, round(draw.uniform(0.22, 0.34), 3))
    return Scenario(
        "The apps say that the car did not answer; some time later the car is locked or unlocked after all.",
        (Culprit(Change(onset, reach.component, happenings=(slow,)), ("delayed-messaging",), reach.path),),
    )


FAULTS = (Fault("broker-delay", "Cars do what they are told too late", _broker_delay),)
