"""Controls: somebody complains, and nothing is broken."""

from __future__ import annotations

import random

from andon.demo.faults.fault import Fault, Scenario

__all__ = ["FAULTS"]


def _none(_draw: random.Random, _onset: float) -> Scenario:
    return Scenario(
        "A customer reported that unlocking the car felt slow. Is something wrong with remote services?"
    )


FAULTS = (Fault("none", "A customer says that the app is slow", _none, control=True),)
