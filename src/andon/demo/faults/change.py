"""What somebody or something does to the estate: calls of the control plane, and what just happens."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from andon.demo.cloudtrail import Identity
from andon.demo.inventory import ACCOUNTS, SECURITY_GROUPS, SERVICES, SecurityGroup
from andon.demo.rules import Rule
from andon.demo.work_orders import WorkOrder

__all__ = ["COMPONENTS", "Call", "Change", "Happening", "deployment", "group_named", "ingress"]

COMPONENTS = {
    "auth-service": "authService",
    "subscription-service": "subscriptionService",
    "remote-vehicle-management-api": "rvmApi",
    "mobile-bff-ios": "iosBff",
    "mobile-bff-android": "androidBff",
}
"""The identifier in `architecture.dsl` of each service that can be deployed."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the control plane's API."""

    identity: Identity
    account: str
    source: str
    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """A condition that befalls one process and that no API call tells of: its name and its strength."""

    service: str
    condition: str
    value: float


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was done or befell, `at` seconds after the recording began, in one step or more.

    `component` is the identifier in `architecture.dsl` of what was changed, or would have been had it not
    been `refused`.
    """

    at: float
    component: str
    calls: tuple[Call, ...] = ()
    happenings: tuple[Happening, ...] = ()
    refused: bool = False
    orders: tuple[WorkOrder, ...] = ()

    @property
    def title(self) -> str:
        """What is told while it is recorded."""
        return self.actions[0]

    @property
    def actions(self) -> tuple[str, ...]:
        """What was done and what befell, by name: the last call first."""
        calls = [call.name for call in reversed(self.calls)]
        orders = [order.type for order in self.orders]
        return (*calls, *orders, *(happening.condition for happening in self.happenings))


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
    return Change(at, COMPONENTS[service], calls)


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
