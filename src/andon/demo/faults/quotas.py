"""Faults of quotas and rate limits."""

from __future__ import annotations

import random

from andon.demo.cloudtrail import Identity
from andon.demo.faults.change import Call, Change
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH
from andon.demo.inventory import ACCOUNTS, USAGE_PLANS

__all__ = ["FAULTS"]

_ELEMENTS = {"mobile-bff-ios": "rvmUsagePlanIos", "mobile-bff-android": "rvmUsagePlanAndroid"}


def _throttled(draw: random.Random, onset: float) -> Scenario:
    """The limit of one client was lowered far below what it sends; that of the other was raised before."""
    client, other = draw.sample(list(_ELEMENTS), 2)
    lowered = Change(onset, _ELEMENTS[client], (_update(client, draw.uniform(0.2, 0.6), draw),))
    raised = Change(
        max(onset - draw.uniform(4, 20), 1.0),
        _ELEMENTS[other],
        (_update(other, draw.choice((80, 100)), draw),),
    )
    reach = REACH[client]
    return Scenario(
        f"{reach.who} mostly get an error when they do something with their car; now and then it works.",
        (
            Culprit(
                lowered,
                ("throttling",),
                (_ELEMENTS[client], "rvmApi", *reach.path),
                components=(_ELEMENTS[client], "rvmApi"),
            ),
        ),
        decoys=(raised,),
    )


def _update(client: str, rate: float, draw: random.Random) -> Call:
    account = ACCOUNTS["connected-vehicle"]
    who = Identity("ApiAdministrator", f"api-{draw.randint(10, 99)}", account, "198.51.100.72")
    patch = {"op": "replace", "path": "/throttle/rateLimit", "value": f"{rate:.2g}"}
    parameters = {"usageplanId": USAGE_PLANS[client], "updateUsagePlanInput": {"patchOperations": [patch]}}
    return Call(who, account, "apigateway", "UpdateUsagePlan", parameters)


FAULTS = (Fault("throttled", "The app mostly shows an error", _throttled),)
