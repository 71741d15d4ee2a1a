"""Faults of the network between services."""

from __future__ import annotations

import random
from typing import Any

from andon.demo.certificates import host_name
from andon.demo.cloudtrail import Identity
from andon.demo.faults.change import Call, Change, group_named, ingress
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH
from andon.demo.inventory import ACCOUNTS, HOSTED_ZONE
from andon.demo.rules import Rule

__all__ = ["FAULTS"]


def _ingress_rule_removed(draw: random.Random, onset: float) -> Scenario:
    group = group_named("rvm-api-from-ios")
    rule = Rule("tcp", group.port, group.port, group.peer)
    change = Change(onset, "rvmIngressIos", (ingress("RevokeSecurityGroupIngress", group, rule, draw),))
    path = ("rvmIngressIos", "rvmApi", "iosBff", "iosApp")
    return Scenario(
        "Users of the iOS app cannot unlock their car doors remotely.",
        (Culprit(change, ("network-rule-removed",), path),),
    )


_UNREACHABLE = {
    "auth-service": "Customers of both apps are thrown out and cannot log in again.",
    "subscription-service": "Cars cannot be locked, unlocked or heated with either app; their status is shown.",
    "remote-vehicle-management-api": "Customers log in to the apps as ever, but do not reach their cars.",
}


def _dns_record_changed(draw: random.Random, onset: float) -> Scenario:
    """The name stands for an address where nobody listens, or is an alias of a name that does not exist."""
    service = draw.choice(list(_UNREACHABLE))
    reach, name = REACH[service], host_name(service)
    if draw.random() < 0.5:
        target: dict[str, Any] = _addressed(f"10.0.{draw.randint(4, 60)}.{draw.randint(5, 250)}", 3)
    else:
        alias = f"{service}-{draw.choice(('green', 'v2', 'new'))}.connected-car.internal"
        target = {
            "aliasTarget": {"hostedZoneId": HOSTED_ZONE, "dNSName": alias, "evaluateTargetHealth": False}
        }
    change = Change(onset, "privateZone", (_record_set(name, target, draw),))
    other = host_name(draw.choice([other for other in _UNREACHABLE if other != service]))
    longer = Change(
        max(onset - draw.uniform(3, 15), 1.0),
        "privateZone",
        (_record_set(other, _addressed("10.0.0.1", 5), draw),),
    )
    return Scenario(
        _UNREACHABLE[service],
        (
            Culprit(
                change,
                ("dns-failure",),
                ("privateZone", *reach.path),
                components=("privateZone", reach.component),
            ),
        ),
        decoys=(longer,),
    )


def _addressed(address: str, seconds: int) -> dict[str, Any]:
    return {"tTL": seconds, "resourceRecords": [{"value": address}]}


def _record_set(name: str, target: dict[str, Any], draw: random.Random) -> Call:
    account = ACCOUNTS["shared-network"]
    who = Identity("NetworkAdministrator", f"netops-{draw.randint(10, 99)}", account, "198.51.100.44")
    records = {"action": "UPSERT", "resourceRecordSet": {"name": name, "type": "A", **target}}
    parameters = {"hostedZoneId": HOSTED_ZONE, "changeBatch": {"changes": [records]}}
    return Call(who, account, "route53", "ChangeResourceRecordSets", parameters)


FAULTS = (
    Fault("ingress-rule-removed", "Doors cannot be unlocked from the iOS app", _ingress_rule_removed),
    Fault("dns-record-changed", "Services do not find each other", _dns_record_changed),
)
