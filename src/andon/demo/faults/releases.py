"""Faults that come with a new version of a service."""

from __future__ import annotations

import random

from andon.demo.faults.change import COMPONENTS, Change, deployment
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH
from andon.demo.inventory import SERVICES
from andon.demo.releases import BREAKING, LEAKING, RELEASES, WARMING
from andon.demo.services import auth, rvm, subscription

__all__ = ["FAULTS"]

_BROKEN = {
    "auth-service": auth.BROKEN_RELEASE,
    "subscription-service": subscription.BROKEN_RELEASE,
    "remote-vehicle-management-api": rvm.BROKEN_RELEASE,
}
_COMMANDS_FAIL = (
    "Nobody can lock, unlock or heat a car with the apps any more, the error comes at once; "
    "the status of the vehicle is still shown."
)
_BREAKS = {
    "auth-service": "Whatever customers tap in either app, they get an error at once.",
    "subscription-service": _COMMANDS_FAIL,
    "remote-vehicle-management-api": _COMMANDS_FAIL,
}
_LEAKS = {
    "subscription-service": (
        "Commands to the car get slower and slower in both apps, then fail for a few seconds, and then it "
        "begins anew; the status of the vehicle is shown as ever."
    ),
    "remote-vehicle-management-api": (
        "Both apps get slower and slower, then nothing works for a few seconds, and then it begins anew."
    ),
}


def _bad_deploy(draw: random.Random, onset: float) -> Scenario:
    service = draw.choice(list(_BROKEN))
    change = deployment(onset, service, _BROKEN[service], draw)
    path = REACH[service].path
    return Scenario(
        "Some customers get an error when they unlock their car in the app, every time; for others it works.",
        (Culprit(change, ("bad-deploy",), path),),
        spared=frozenset({service}),
    )


def _breaking_api_change(draw: random.Random, onset: float) -> Scenario:
    service = draw.choice(list(_BREAKS))
    caller = draw.choice([other for other in COMPONENTS if other != service])
    change = deployment(onset, service, RELEASES[service][BREAKING], draw)
    path = REACH[service].path
    return Scenario(
        _BREAKS[service],
        (Culprit(change, ("incompatible-api-change", "bad-deploy"), path),),
        spared=frozenset({service, caller}),
        decoys=(_innocent(caller, onset, draw),),
    )


def _memory_leak(draw: random.Random, onset: float) -> Scenario:
    """The decoy is a release whose memory rises once, by a cache, and stays."""
    service = draw.choice(list(_LEAKS))
    warming = draw.choice([other for other, traits in RELEASES.items() if WARMING in traits])
    change = deployment(onset, service, RELEASES[service][LEAKING], draw)
    warmed = deployment(onset - draw.uniform(4, 12), warming, RELEASES[warming][WARMING], draw)
    path = REACH[service].path
    return Scenario(
        _LEAKS[service],
        (Culprit(change, ("resource-exhaustion", "bad-deploy"), path),),
        spared=frozenset({service, warming}),
        decoys=(warmed,),
    )


def _innocent(service: str, onset: float, draw: random.Random) -> Change:
    """A deployment of another service a few seconds before or after, that changes nothing."""
    major, minor, patch = SERVICES[service].version.split(".")
    version = f"{major}.{minor}.{int(patch) + draw.randint(1, 3)}"
    return deployment(onset + draw.choice((-1, 1)) * draw.uniform(2, 7), service, version, draw)


FAULTS = (
    Fault("bad-deploy", "Remote services fail for some customers", _bad_deploy),
    Fault("breaking-api-change", "The apps show errors to everybody", _breaking_api_change),
    Fault("memory-leak", "The apps get slow and fail, again and again", _memory_leak),
)
