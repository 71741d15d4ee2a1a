"""Faults of the volumes that services write to."""

from __future__ import annotations

import random

from andon.demo.cloudtrail import Identity
from andon.demo.faults.change import COMPONENTS, Call, Change, deployment
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH
from andon.demo.inventory import SERVICES
from andon.demo.releases import RELEASES, VERBOSE

__all__ = ["FAULTS"]

_SYMPTOMS = {
    "auth-service": "Customer after customer gets an error in both apps, whatever they tap.",
    "remote-vehicle-management-api": (
        "Locking, unlocking and heating a car end with an error in both apps; the status of the vehicle is "
        "still shown."
    ),
}


def _disk_full(draw: random.Random, onset: float) -> Scenario:
    """A log becomes verbose, by its parameter or by a release that left it so, and fills the volume."""
    service = draw.choice(list(_SYMPTOMS))
    if draw.random() < 0.5:
        change = _parameter(onset, service, "log-level", "DEBUG", draw)
        accepted = "configuration-change"
    else:
        change = deployment(onset, service, RELEASES[service][VERBOSE], draw)
        accepted = "bad-deploy"
    other = draw.choice([name for name in COMPONENTS if name != service])
    innocent = _parameter(
        onset + draw.choice((-1, 1)) * draw.uniform(2, 6), other, "cache-ttl", str(draw.randint(5, 60)), draw
    )
    return Scenario(
        _SYMPTOMS[service],
        (Culprit(change, ("disk-full", accepted), REACH[service].path),),
        spared=frozenset({service}),
        decoys=(innocent,),
    )


def _parameter(at: float, service: str, name: str, value: str, draw: random.Random) -> Change:
    account = SERVICES[service].account_id
    who = Identity("ServiceOperator", f"operator-{draw.randint(10, 99)}", account, "198.51.100.77")
    parameters = {"name": f"/{service}/{name}", "value": value, "type": "String", "overwrite": True}
    return Change(at, COMPONENTS[service], (Call(who, account, "ssm", "PutParameter", parameters),))


FAULTS = (Fault("disk-full", "Requests that worked for years end with an error", _disk_full),)
