"""Faults of the subscription database: locks, plans, and connections that do not come back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from andon.demo.cloudtrail import Identity
from andon.demo.database_job import REPORTING
from andon.demo.database_storage import VIN_INDEX
from andon.demo.faults.change import Call, Change, Happening, deployment
from andon.demo.faults.fault import Culprit, Fault, Scenario
from andon.demo.faults.paths import REACH
from andon.demo.inventory import ACCOUNTS
from andon.demo.releases import RELEASES, UNRETURNED

__all__ = ["FAULTS"]

_ACCOUNT = ACCOUNTS["customer-platform"]
_CLUSTER = {
    "resourceArn": f"arn:aws:rds:eu-central-1:{_ACCOUNT}:cluster:subscription-db",
    "database": "subscriptions",
}
_DEFINITIONS = (
    "ALTER TABLE subscriptions ADD COLUMN churn_score numeric NOT NULL DEFAULT 0",
    "LOCK TABLE subscriptions IN ACCESS EXCLUSIVE MODE",
    "ALTER TABLE subscriptions ALTER COLUMN renews_on TYPE date USING renews_on::date",
)
_REPORTS = (
    "SELECT plan, count(*) FROM subscriptions GROUP BY plan",
    "SELECT count(*) FROM subscriptions WHERE renews_on IS NULL",
)


def _database_lock(draw: random.Random, onset: float) -> Scenario:
    """A transaction that nobody commits, or a job whose transactions follow each other closely."""
    if draw.random() < 0.5:
        calls = (
            _data_api("BeginTransaction", _dba(draw), {}),
            _data_api(
                "ExecuteStatement", _dba(draw), {"sql": draw.choice(_DEFINITIONS), "transactionId": "open"}
            ),
        )
        change = Change(onset, "subscriptionDb", calls)
    else:
        job = Happening("subscription-db", REPORTING, round(draw.uniform(3.0, 5.0), 1))
        change = Change(onset, "subscriptionDb", happenings=(job,))
    return Scenario(
        "In both apps, locking, unlocking and heating a car hang for a while and often end with an "
        "error; the status of the vehicle comes at once.",
        (Culprit(change, ("database-contention",), REACH["subscription-db"].path),),
        decoys=(_report(onset, draw),),
    )


def _missing_index(draw: random.Random, onset: float) -> Scenario:
    """The index goes by the hand of an administrator, or with the migrations of a release."""
    if draw.random() < 0.5:
        calls = (_data_api("ExecuteStatement", _dba(draw), {"sql": f"DROP INDEX {VIN_INDEX}"}),)
    else:
        calls = (_migration(draw),)
    change = Change(onset, "subscriptionDb", calls)
    path = REACH["subscription-db"].path
    return Scenario(
        "Locking, unlocking and heating a car take much longer than they used to in both apps; the status of "
        "the vehicle is as fast as ever.",
        (Culprit(change, ("slow-query",), path),),
        decoys=(_report(onset, draw),),
    )


def _connection_pool_exhausted(draw: random.Random, onset: float) -> Scenario:
    service = "subscription-service"
    change = deployment(onset, service, RELEASES[service][UNRETURNED], draw)
    mechanisms = ("connection-pool-exhausted", "resource-exhaustion", "bad-deploy")
    return Scenario(
        "Commands to the car hang for two seconds and then fail, in both apps. The status of the "
        "vehicle is still shown.",
        (Culprit(change, mechanisms, REACH["subscription-service"].path),),
        spared=frozenset({service}),
        decoys=(_parameter_group(onset, draw), _report(onset, draw)),
    )


def _data_api(name: str, who: Identity, parameters: Mapping[str, Any]) -> Call:
    return Call(who, _ACCOUNT, "rds-data", name, {**_CLUSTER, **parameters})


def _dba(draw: random.Random) -> Identity:
    return Identity("DatabaseAdministrator", f"dba-{draw.randint(10, 99)}", _ACCOUNT, "198.51.100.90")


def _migration(draw: random.Random) -> Call:
    run = draw.randint(20_000, 99_000)
    who = Identity("deploy-pipeline", f"run-{run}", _ACCOUNT, "198.51.100.80", "Boto3/1.40.55 exec-env/CI")
    command = ["alembic", "upgrade", f"{draw.getrandbits(48):012x}"]
    environment = [{"name": "DATABASE_HOST", "value": "subscription-db"}]
    container = {"name": "migrations", "command": command, "environment": environment}
    parameters = {
        "cluster": "customer-platform",
        "taskDefinition": f"subscription-migrations:{draw.randint(12, 60)}",
        "overrides": {"containerOverrides": [container]},
    }
    return Call(who, _ACCOUNT, "ecs", "RunTask", parameters)


def _report(onset: float, draw: random.Random) -> Change:
    """An analyst counts something, which reads the whole table once."""
    who = Identity("BusinessAnalyst", f"analyst-{draw.randint(10, 99)}", _ACCOUNT, "198.51.100.112")
    call = _data_api("ExecuteStatement", who, {"sql": draw.choice(_REPORTS)})
    return Change(onset - draw.uniform(4, 9), "subscriptionDb", (call,))


def _parameter_group(onset: float, draw: random.Random) -> Change:
    parameter = {"parameterName": "work_mem", "parameterValue": "8192", "applyMethod": "immediate"}
    parameters = {"dBParameterGroupName": "subscription-db-pg16", "parameters": [parameter]}
    call = Call(_dba(draw), _ACCOUNT, "rds", "ModifyDBParameterGroup", parameters)
    return Change(onset - draw.uniform(3, 10), "subscriptionDb", (call,))


FAULTS = (
    Fault("database-lock", "Remote commands hang", _database_lock),
    Fault("missing-index", "Remote commands are slow", _missing_index),
    Fault("connection-pool-exhausted", "Remote commands hang and fail", _connection_pool_exhausted),
)
