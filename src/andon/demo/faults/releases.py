"""Faults that come with a new version of a service."""

from __future__ import annotations

import random

from andon.demo.faults.change import COMPONENTS, deployment
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.services import auth, rvm, subscription

__all__ = ["FAULTS"]

_BROKEN = {
    "auth-service": auth.BROKEN_RELEASE,
    "subscription-service": subscription.BROKEN_RELEASE,
    "remote-vehicle-management-api": rvm.BROKEN_RELEASE,
}
_TO_THE_CUSTOMER = {
    "auth-service": ("iosBff", "androidBff", "iosApp", "androidApp"),
    "subscription-service": ("rvmApi", "iosBff", "androidBff", "iosApp", "androidApp"),
    "remote-vehicle-management-api": ("iosBff", "androidBff", "iosApp", "androidApp"),
}


def _bad_deploy(draw: random.Random, onset: float) -> Scenario:
    service = draw.choice(list(_BROKEN))
    change = deployment(onset, service, _BROKEN[service], draw)
    path = (COMPONENTS[service], *_TO_THE_CUSTOMER[service])
    return Scenario(
        "Some customers get an error when they unlock their car in the app, every time; for others it works.",
        (Culprit(change, ("bad-deploy",), path),),
        spared=frozenset({service}),
    )


FAULTS = (Fault("bad-deploy", "Remote services fail for some customers", _bad_deploy),)
