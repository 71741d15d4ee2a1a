"""Faults of the network between services."""

from __future__ import annotations

import random

from andon.demo.faults.change import Change, group_named, ingress
from andon.demo.faults.fault import Culprit, Fault, Scenario
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


FAULTS = (Fault("ingress-rule-removed", "Doors cannot be unlocked from the iOS app", _ingress_rule_removed),)
