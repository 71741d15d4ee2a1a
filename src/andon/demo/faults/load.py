"""Faults of too many requests."""

from __future__ import annotations

import random

from andon.demo.apps import CAMPAIGN
from andon.demo.faults.change import Change, Happening
from andon.demo.faults.fault import Culprit, Fault, Scenario

__all__ = ["FAULTS"]

_ENTRIES = {
    "ios-app": ("iosApp", "iosBff", "androidBff", "androidApp"),
    "android-app": ("androidApp", "androidBff", "iosBff", "iosApp"),
}


def _traffic_surge(draw: random.Random, onset: float) -> Scenario:
    service = draw.choice(list(_ENTRIES))
    app, backend, other_backend, other_app = _ENTRIES[service]
    rate = round(draw.uniform(24, 30), 1)
    change = Change(onset, app, happenings=(Happening(service, CAMPAIGN, rate),))
    return Scenario(
        "Customers of both apps often get an error when they lock, unlock or heat their car; "
        "when they try again it sometimes works.",
        (
            Culprit(
                change,
                ("traffic-surge",),
                ("rvmApi", backend, other_backend, app, other_app),
                components=("rvmApi", backend, app),
            ),
        ),
    )


FAULTS = (Fault("traffic-surge", "Remote commands often fail", _traffic_surge),)
