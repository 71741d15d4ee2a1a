"""Controls: somebody complains, and nothing is broken."""

from __future__ import annotations

import random

from andon.demo.apps import SWING
from andon.demo.cloudtrail import Identity
from andon.demo.faults.change import COMPONENTS, Call, Change, Happening, deployment
from andon.demo.faults.fault import Fault, Scenario
from andon.demo.inventory import ACCOUNTS, SERVICES

__all__ = ["FAULTS"]


def _none(_draw: random.Random, _onset: float) -> Scenario:
    return Scenario(
        "A customer reported that unlocking the car felt slow. Is something wrong with remote services?"
    )


def _harmless_deploy(draw: random.Random, onset: float) -> Scenario:
    """Two services get a new version right before somebody complains, and both versions are good."""
    services = draw.sample(list(COMPONENTS), 2)
    deployments = []
    for service in services:
        major, minor, patch = SERVICES[service].version.split(".")
        version = f"{major}.{minor}.{int(patch) + draw.randint(1, 4)}"
        deployments.append(deployment(onset - draw.uniform(1, 8), service, version, draw))
    return Scenario(
        "A customer reported that the app felt slow after the releases of today. What did the releases break?",
        spared=frozenset(services),
        decoys=tuple(deployments),
    )


def _planned_maintenance(draw: random.Random, onset: float) -> Scenario:
    """The database is rebooted in its maintenance window, which commands feel for a second or two.

    The complaint is about the status of vehicles, which needs no database and did not change.
    """
    began = onset - draw.uniform(4, 10)
    restarted = draw.choice(("auth-service", "remote-vehicle-management-api"))
    account = SERVICES[restarted].account_id
    restart = {"cluster": SERVICES[restarted].account, "service": restarted, "forceNewDeployment": True}
    decoys = (
        Change(began, "subscriptionDb", _maintenance(draw)),
        Change(
            began + draw.uniform(3, 8),
            COMPONENTS[restarted],
            (Call(_window(account, draw), account, "ecs", "UpdateService", restart),),
        ),
    )
    return Scenario(
        "A customer says that the app showed an old battery level of the car today. Are vehicle states not "
        "passed on any more?",
        spared=frozenset({restarted, "subscription-service"}),
        decoys=decoys,
    )


def _maintenance(draw: random.Random) -> tuple[Call, Call]:
    account = ACCOUNTS["customer-platform"]
    who = _window(account, draw)
    announced = {
        "documentName": "AWS-RebootRdsInstance",
        "parameters": {"instanceId": ["subscription-db"]},
        "tags": [{"key": "maintenance-window", "value": "announced minor version upgrade"}],
    }
    return (
        Call(who, account, "ssm", "StartAutomationExecution", announced),
        Call(who, account, "rds", "RebootDBInstance", {"dBInstanceIdentifier": "subscription-db"}),
    )


def _window(account: str, draw: random.Random) -> Identity:
    session = f"mw-{draw.getrandbits(68):017x}"
    return Identity("MaintenanceWindow", session, account, "ssm.amazonaws.com", "ssm.amazonaws.com")


def _noisy_load(draw: random.Random, onset: float) -> Scenario:
    """Customers are busier, then calmer than usual, again and again; every one of them is served."""
    swing = round(draw.uniform(1.5, 2.0), 2)
    apps = (("ios-app", "iosApp"), ("android-app", "androidApp"))
    changes = (Change(onset, app, happenings=(Happening(service, SWING, swing),)) for service, app in apps)
    return Scenario(
        "Requests of the apps go up and down in the last minute, and one customer says that unlocking failed. "
        "Is something broken?",
        decoys=tuple(changes),
    )


FAULTS = (
    Fault("noisy-load", "The number of requests goes up and down", _noisy_load, control=True),
    Fault("none", "A customer says that the app is slow", _none, control=True),
    Fault("harmless-deploy", "A customer blames the releases of the day", _harmless_deploy, control=True),
    Fault("planned-maintenance", "A customer saw an old battery level", _planned_maintenance, control=True),
)
