"""Faults of what services prove themselves with."""

from __future__ import annotations

import random

from andon.demo.cloudtrail import Identity
from andon.demo.faults.change import Call, Change
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH
from andon.demo.inventory import ACCOUNTS, SUBSCRIPTION_DB_CREDENTIAL

__all__ = ["FAULTS"]


def _database_password_rotated(_draw: random.Random, onset: float) -> Scenario:
    account = ACCOUNTS["customer-platform"]
    who = Identity("SecretsAdministrator", "credential-hygiene", account, "198.51.100.24")
    call = Call(who, account, "secretsmanager", "RotateSecret", {"secretId": SUBSCRIPTION_DB_CREDENTIAL})
    change = Change(onset, "subscriptionDb", (call,))
    return Scenario(
        "Customers of both apps cannot lock, unlock or heat their cars; the vehicle status is still shown.",
        (Culprit(change, ("credential-rotated",), REACH["subscription-db"].path),),
        spared=frozenset({"subscription-service"}),
    )


FAULTS = (Fault("database-password-rotated", "Remote commands are rejected", _database_password_rotated),)
