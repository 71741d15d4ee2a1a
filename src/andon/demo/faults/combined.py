"""Two faults at once that know nothing of each other."""

from __future__ import annotations

import random

from andon.demo.faults import credentials, databases, network, releases
from andon.demo.faults.fault import Fault, Scenario

__all__ = ["FAULTS"]

_BY_NAME = {
    fault.name: fault for family in (credentials, databases, network, releases) for fault in family.FAULTS
}
_ALONE = "ingress-rule-removed"
_FOR_ALL = {
    "missing-index": "on Android the car obeys, but only after a second or more.",
    "database-lock": "on Android commands hang for a while and often end with an error.",
    "database-password-rotated": "on Android commands are refused, while the status of the car is shown.",
}
"""Faults that all customers feel, and what those say who do not feel the other one."""


def _two_faults(draw: random.Random, onset: float) -> Scenario:
    """An ingress rule that one app needs is removed, and something befalls the database or its client."""
    name = draw.choice(list(_FOR_ALL))
    between = draw.uniform(1, 6)
    moments = [onset, onset + between]
    draw.shuffle(moments)
    rule, other = (_BY_NAME[fault].draw(draw, at) for fault, at in zip((_ALONE, name), moments, strict=True))
    culprits = sorted((*rule.culprits, *other.culprits), key=lambda culprit: culprit.change.at)
    return Scenario(
        f"Two complaints: users of the iOS app cannot do anything with their cars any more; {_FOR_ALL[name]}",
        tuple(culprits),
        spared=rule.spared | other.spared,
        decoys=(*rule.decoys, *other.decoys),
    )


FAULTS = (Fault("two-faults", "The apps fail, each in its own way", _two_faults),)
