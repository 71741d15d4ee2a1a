"""Decoys: changes that happen in any organisation and break nothing, and calls that only look.

They are as real as the fault: services restart with a new version, rules and secrets change.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial

from andon.demo.cloudtrail import Identity
from andon.demo.faults import Call, Change, deployment, group_named, ingress
from andon.demo.inventory import ACCOUNTS, SECURITY_GROUPS, SERVICES, SIGNING_KEY
from andon.demo.rules import Peer, Rule

__all__ = ["DECOYS", "TWINS", "look", "twins"]

Decoy = Callable[[float, random.Random], Change]


def _deploy(service: str, at: float, draw: random.Random) -> Change:
    major, minor, patch = (int(part) for part in SERVICES[service].version.split("."))
    version = draw.choice((f"{major}.{minor}.{patch + 1}", f"{major}.{minor + 1}.1"))
    return deployment(at, service, version, draw)


def _flag(at: float, draw: random.Random) -> Change:
    account = ACCOUNTS["connected-app-ios"]
    flag = draw.choice(("plan-badge", "new-onboarding"))
    who = Identity("ProductManager", f"release-{draw.randint(10, 99)}", account, "198.51.100.131")
    parameters = {
        "applicationId": "mobile-apps",
        "environmentId": "live",
        "configurationProfileId": flag,
        "deploymentStrategyId": "AppConfig.AllAtOnce",
        "configurationVersion": str(draw.randint(2, 40)),
    }
    return Change(at, "iosBff", (Call(who, account, "appconfig", "StartDeployment", parameters),))


def _tag(at: float, draw: random.Random) -> Change:
    group, component = draw.choice(
        ((group_named("rvm-api-from-ios"), "rvmIngressIos"), (group_named("auth-from-ios"), "authIngressIos"))
    )
    account = ACCOUNTS[group.account]
    who = Identity("FinOps", "cost-allocation", account, "198.51.100.140")
    parameters = {
        "resourcesSet": {"items": [{"resourceId": group.id}]},
        "tagSet": {"items": [{"key": "cost-center", "value": str(draw.randint(4000, 4999))}]},
    }
    return Change(at, component, (Call(who, account, "ec2", "CreateTags", parameters),))


def _rule_added(at: float, draw: random.Random) -> Change:
    group = group_named("auth-from-android")
    rule = Rule("tcp", group.port, group.port, Peer(f"10.{draw.randint(20, 90)}.0.0/16"))
    call = ingress("AuthorizeSecurityGroupIngress", group, rule, draw)
    return Change(at, "authIngressAndroid", (call,))


def _unused_rule_removed(at: float, draw: random.Random) -> Change:
    group = group_named("rvm-api-from-partners")
    rule = Rule("tcp", group.port, group.port, group.peer)
    return Change(at, "rvmIngressPartners", (ingress("RevokeSecurityGroupIngress", group, rule, draw),))


def _removal_refused(at: float, draw: random.Random) -> Change:
    group = group_named("rvm-api-from-android")
    rule = Rule("tcp", group.port, group.port, group.peer)
    call = ingress("RevokeSecurityGroupIngress", group, rule, draw, role="ReadOnlyAccess")
    return Change(at, "rvmIngressAndroid", (call,), refused=True)


def _certificate(at: float, draw: random.Random) -> Change:
    account = ACCOUNTS["connected-vehicle"]
    who = Identity("CertificateManager", "renewal", account, "acm.amazonaws.com", "acm.amazonaws.com")
    arn = f"arn:aws:acm:eu-central-1:{account}:certificate/{draw.getrandbits(64):016x}"
    return Change(at, "rvmApi", (Call(who, account, "acm", "RenewCertificate", {"certificateArn": arn}),))


def _signing_key(at: float, draw: random.Random) -> Change:
    """Rotated as it should be: the service starts anew with the new key and still takes the old one."""
    account = ACCOUNTS["customer-platform"]
    who = Identity("SecretsAdministrator", f"rotation-{draw.randint(10, 99)}", account, "198.51.100.24")
    restart = {"cluster": "customer-platform", "service": "auth-service", "forceNewDeployment": True}
    calls = (
        Call(who, account, "secretsmanager", "RotateSecret", {"secretId": SIGNING_KEY}),
        Call(who, account, "ecs", "UpdateService", restart),
    )
    return Change(at, "authService", calls)


def _scaling(at: float, draw: random.Random) -> Change:
    account = ACCOUNTS["connected-vehicle"]
    who = Identity("CapacityPlanner", "weekly", account, "198.51.100.150")
    parameters = {
        "serviceNamespace": "ecs",
        "resourceId": "service/connected-vehicle/remote-vehicle-management-api",
        "scalableDimension": "ecs:service:DesiredCount",
        "minCapacity": 1,
        "maxCapacity": draw.randint(4, 12),
    }
    call = Call(who, account, "application-autoscaling", "RegisterScalableTarget", parameters)
    return Change(at, "rvmApi", (call,))


def _backup_window(at: float, draw: random.Random) -> Change:
    account = ACCOUNTS["customer-platform"]
    who = Identity("DatabaseAdministrator", f"dba-{draw.randint(10, 99)}", account, "198.51.100.90")
    hour = draw.randint(1, 4)
    parameters = {
        "dBInstanceIdentifier": "subscription-db",
        "preferredBackupWindow": f"0{hour}:00-0{hour}:30",
        "applyImmediately": False,
    }
    return Change(at, "subscriptionDb", (Call(who, account, "rds", "ModifyDBInstance", parameters),))


DECOYS: Mapping[str, Decoy] = {
    **{
        f"deploy {service}": partial(_deploy, service)
        for service in (
            "auth-service",
            "subscription-service",
            "remote-vehicle-management-api",
            "mobile-bff-ios",
            "mobile-bff-android",
        )
    },
    "flag": _flag,
    "tag": _tag,
    "rule added": _rule_added,
    "unused rule removed": _unused_rule_removed,
    "removal refused": _removal_refused,
    "certificate": _certificate,
    "rotate auth-service": _signing_key,
    "scaling": _scaling,
    "backup window": _backup_window,
}


TWINS = ("mobile-bff-ios", "mobile-bff-android")
"""Two services of the same code, one for each app."""


def twins(at: float, draw: random.Random) -> tuple[Change, Change]:
    """The same release to both twins within seconds: what harms one of them only is not the release."""
    major, minor, patch = (int(part) for part in SERVICES[TWINS[0]].version.split("."))
    version = f"{major}.{minor}.{patch + draw.randint(2, 6)}"
    first, second = draw.sample(TWINS, 2)
    return deployment(at, first, version, draw), deployment(
        at + draw.uniform(1.0, 3.0), second, version, draw
    )


def look(draw: random.Random) -> Call:
    """A call of a collector or an auditor that reads and changes nothing."""
    account = draw.choice([identifier for identifier in ACCOUNTS.values() if identifier])
    collector = Identity(
        "monitoring-collector", "poll", account, "monitoring.amazonaws.com", "monitoring.amazonaws.com"
    )
    auditor = Identity("SecurityAudit", f"audit-{draw.randint(1, 9)}", account, "198.51.100.200")
    group = draw.choice(SECURITY_GROUPS)
    session = {"roleArn": f"arn:aws:iam::{account}:role/monitoring-collector", "roleSessionName": "poll"}
    calls = (
        Call(collector, account, "sts", "AssumeRole", session),
        Call(
            collector, account, "elasticloadbalancing", "DescribeTargetHealth", {"targetGroupArn": "rvm-api"}
        ),
        Call(collector, account, "monitoring", "DescribeAlarms", {"maxRecords": 100}),
        Call(collector, account, "ecs", "DescribeServices", {"cluster": "connected-vehicle"}),
        Call(
            auditor,
            account,
            "ec2",
            "DescribeSecurityGroups",
            {"securityGroupIdSet": {"items": [{"groupId": group.id}]}},
        ),
        Call(auditor, account, "ec2", "DescribeNetworkInterfaces", {}),
        Call(auditor, account, "secretsmanager", "DescribeSecret", {"secretId": SIGNING_KEY}),
        Call(auditor, account, "rds", "DescribeDBInstances", {"dBInstanceIdentifier": "subscription-db"}),
    )
    return draw.choice(calls)
