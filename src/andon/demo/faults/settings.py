"""Faults of settings that change while the services run: feature flags."""

from __future__ import annotations

import random

from andon.demo.cloudtrail import Identity
from andon.demo.faults.change import COMPONENTS, Call, Change
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH
from andon.demo.inventory import SERVICES
from andon.demo.services import auth, bff, rvm

__all__ = ["FAULTS"]

_INNOCENT = ("tyre-hints", "dark-mode", "press-and-hold", "rate-the-app", "charging-map")


def _feature_flag_flipped(draw: random.Random, onset: float) -> Scenario:
    service, flag, symptom, path = draw.choice(_flags())
    change = _flip(onset, service, flag, draw)
    others = draw.sample([other for other in COMPONENTS if other != service], 2)
    harmless = draw.sample(_INNOCENT, 2)
    moments = (onset - draw.uniform(2, 6), onset + draw.uniform(2, 6))
    decoys = tuple(
        _flip(at, other, name, draw) for at, other, name in zip(moments, others, harmless, strict=True)
    )
    return Scenario(
        symptom,
        (Culprit(change, ("configuration-change",), path),),
        spared=frozenset({service}),
        decoys=decoys,
    )


def _flags() -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Service, flag, what customers say of it, and the path to them."""
    rows: list[tuple[str, str, str, tuple[str, ...]]] = [
        (
            "remote-vehicle-management-api",
            rvm.RECEIPTS,
            "For some customers it takes seconds until the car obeys, every time; for others it is as fast as ever.",
            REACH["remote-vehicle-management-api"].path,
        ),
        (
            "auth-service",
            auth.REALMS,
            "Some customers get an error whatever they tap, in both apps; for others everything works.",
            REACH["auth-service"].path,
        ),
    ]
    for app, name in (("ios", "iOS"), ("android", "Android")):
        symptom = (
            f"Some users of the {name} app do not see the status of their car any more; they get an error."
        )
        rows.append((f"mobile-bff-{app}", f"{app}-{bff.CARD}", symptom, REACH[f"mobile-bff-{app}"].path))
    return rows


def _flip(at: float, service: str, flag: str, draw: random.Random) -> Change:
    account = SERVICES[service].account_id
    who = Identity("ProductManager", f"release-{draw.randint(10, 99)}", account, "198.51.100.131")
    parameters = {
        "applicationId": service,
        "environmentId": "live",
        "configurationProfileId": flag,
        "deploymentStrategyId": "AppConfig.AllAtOnce",
        "configurationVersion": str(draw.randint(2, 40)),
    }
    return Change(at, COMPONENTS[service], (Call(who, account, "appconfig", "StartDeployment", parameters),))


FAULTS = (
    Fault("feature-flag-flipped", "Something fails or is slow for some customers", _feature_flag_flipped),
)
