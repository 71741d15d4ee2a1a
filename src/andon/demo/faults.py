"""The faults: what is changed, where, and what a customer would say of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from andon.demo.cloudtrail import Identity
from andon.demo.inventory import (
    ACCOUNTS,
    SECURITY_GROUPS,
    SERVICES,
    SUBSCRIPTION_DB_CREDENTIAL,
    SecurityGroup,
)
from andon.demo.rules import Rule
from andon.demo.services import auth, rvm, subscription
from andon.errors import UsageError

__all__ = ["FAULTS", "Call", "Change", "Fault", "culprit", "deployment", "group_named", "ingress"]


@dataclass(frozen=True, slots=True)
class Fault:
    """`mechanism` is the slug of the true answer; title and symptom are all that an investigator is told."""

    name: str
    mechanism: str
    title: str
    symptom: str


FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "ingress-rule-removed",
            "network-rule-removed",
            "Doors cannot be unlocked from the iOS app",
            "Users of the iOS app cannot unlock their car doors remotely.",
        ),
        Fault(
            "database-password-rotated",
            "credential-rotated",
            "Remote commands are rejected",
            "Customers of both apps cannot lock, unlock or heat their cars; the vehicle status is still shown.",
        ),
        Fault(
            "bad-deploy",
            "bad-deploy",
            "Remote services fail for some customers",
            "Some customers get an error when they unlock their car in the app, every time; for others it works.",
        ),
        Fault(
            "none",
            "none",
            "A customer says that the app is slow",
            "A customer reported that unlocking the car felt slow. Is something wrong with remote services?",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the control plane's API."""

    identity: Identity
    account: str
    source: str
    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that somebody did, `at` seconds after the recording began, by one call or more.

    `component` is the identifier in `architecture.dsl` of what was changed, or would have been had it not
    been `refused`.
    """

    at: float
    component: str
    calls: tuple[Call, ...]
    refused: bool = False


_COMPONENTS = {
    "auth-service": "authService",
    "subscription-service": "subscriptionService",
    "remote-vehicle-management-api": "rvmApi",
    "mobile-bff-ios": "iosBff",
    "mobile-bff-android": "androidBff",
}
_BROKEN = {
    "auth-service": auth.BROKEN_RELEASE,
    "subscription-service": subscription.BROKEN_RELEASE,
    "remote-vehicle-management-api": rvm.BROKEN_RELEASE,
}


def culprit(fault: str, draw: random.Random, at: float) -> Change | None:
    """The change that breaks the estate, None for the fault `none`. Raises UsageError for an unknown fault."""
    if fault not in FAULTS:
        raise UsageError(f"there is no fault {fault!r}", hint=f"one of: {', '.join(FAULTS)}")
    if fault == "ingress-rule-removed":
        group = group_named("rvm-api-from-ios")
        rule = Rule("tcp", group.port, group.port, group.peer)
        return Change(at, "rvmIngressIos", (ingress("RevokeSecurityGroupIngress", group, rule, draw),))
    if fault == "database-password-rotated":
        account = ACCOUNTS["customer-platform"]
        who = Identity("SecretsAdministrator", "credential-hygiene", account, "198.51.100.24")
        call = Call(who, account, "secretsmanager", "RotateSecret", {"secretId": SUBSCRIPTION_DB_CREDENTIAL})
        return Change(at, "subscriptionDb", (call,))
    if fault == "bad-deploy":
        service = draw.choice(list(_BROKEN))
        return deployment(at, service, _BROKEN[service], draw)
    return None


def deployment(at: float, service: str, version: str, draw: random.Random, revision: int = 2) -> Change:
    """A new task definition and the roll-over to it."""
    account = SERVICES[service].account_id
    run = draw.randint(20_000, 99_000)
    who = Identity("deploy-pipeline", f"run-{run}", account, "198.51.100.80", "Boto3/1.40.55 exec-env/CI")
    definition = {
        "family": service,
        "containerDefinitions": [{"name": service, "image": f"{service}:{version}", "cpu": 512}],
    }
    update = {
        "cluster": SERVICES[service].account,
        "service": service,
        "taskDefinition": f"{service}:{revision}",
    }
    calls = (
        Call(who, account, "ecs", "RegisterTaskDefinition", definition),
        Call(who, account, "ecs", "UpdateService", update),
    )
    return Change(at, _COMPONENTS[service], calls)


def ingress(
    name: str, group: SecurityGroup, rule: Rule, draw: random.Random, role: str = "NetworkAdministrator"
) -> Call:
    """The call that adds or removes an ingress rule of a group, made in the account of the group."""
    account = ACCOUNTS[group.account]
    who = Identity(role, f"netops-{draw.randint(10, 99)}", account, f"198.51.100.{draw.randint(30, 60)}")
    parameters = {"groupId": group.id, "ipPermissions": {"items": [rule.permission()]}}
    return Call(who, account, "ec2", name, parameters)


def group_named(name: str) -> SecurityGroup:
    """The security group of that name."""
    return next(group for group in SECURITY_GROUPS if group.name == name)
