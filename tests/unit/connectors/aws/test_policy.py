"""The policies are made from the actions that are called, and these are exactly those that are stated."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from andon.connectors import Need, Session
from andon.connectors.aws.connector import AwsConnector
from andon.connectors.aws.policy import CONNECTORS, POLICIES, read_policy, written
from andon.telemetry import Window, isoformat
from andon.testing.imitations.aws import (
    STORE,
    AwsImitation,
    CloudTrailImitation,
    CloudTrailLakeImitation,
    CloudWatchImitation,
    HeldAlarm,
    HeldGroup,
    HeldMetric,
    LogsImitation,
    XRayImitation,
)

DOCS = Path(__file__).resolve().parents[4] / "docs" / "how-to" / "connect"
A, REGION = "111122223333", "eu-central-1"
NOW = time.time()
RECORD = {"eventTime": isoformat(NOW - 60), "eventName": "PutRule", "eventID": "1", "readOnly": False}
ERRORS = HeldMetric("AWS/Lambda", "Errors", {"FunctionName": "f"}, [(NOW - 600, 1.0)])
SEGMENT = {
    "trace_id": f"1-{int(NOW - 600):08x}-{1:024x}",
    "id": "1",
    "name": "checkout",
    "start_time": NOW - 600,
    "end_time": NOW - 599,
}
ALONE = {"sts:GetCallerIdentity", "sts:AssumeRole"}
"""What is called before an account is entered."""

SERVED: dict[str, tuple[AwsImitation, dict[str, Any]]] = {
    "cloudtrail": (CloudTrailImitation({A: {REGION: [RECORD]}}), {}),
    "cloudtrail-lake": (CloudTrailLakeImitation({A: {REGION: [RECORD]}}), {"event_data_store": STORE}),
    "cloudwatch": (
        CloudWatchImitation({A: {REGION: [ERRORS]}}, {A: {REGION: [HeldAlarm("a", [(NOW - 60, "ALARM")])]}}),
        {"scope": {"namespaces": ["AWS/Lambda"]}},
    ),
    "cloudwatch-logs": (
        LogsImitation({A: {REGION: {"/ecs/pay": HeldGroup([(NOW - 600, "a")])}}}),
        {"scope": {"log_groups": ["*"]}},
    ),
    "xray": (XRayImitation({A: {REGION: [SEGMENT]}}), {}),
}


def test_the_files_are_what_is_made_from_the_connectors():
    for name, policy in POLICIES.items():
        assert (DOCS / name).read_text(encoding="utf-8") == written(policy), (
            "python -m andon.connectors.aws.policy docs/how-to/connect"
        )


def test_the_policy_only_reads_and_names_every_action():
    statements = read_policy()["Statement"]
    assert [statement["Action"] for statement in statements] == [sorted(c.actions) for c in CONNECTORS]
    verbs = ("Describe", "Get", "List", "Lookup", "BatchGet", "StartQuery", "StopQuery", "CancelQuery")
    actions = [action for statement in statements for action in statement["Action"]]
    assert all(action.partition(":")[2].startswith(verbs) for action in actions)
    assert len({statement["Sid"] for statement in statements}) == len(CONNECTORS)
    assert all(statement["Sid"].isalnum() for statement in statements)
    assert json.loads(written(POLICIES["aws-policy.json"])) == read_policy()


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda one: one.kind)
def test_exactly_the_stated_actions_are_called(connector: type[AwsConnector], opened: Any, session: Session):
    server, options = SERVED[connector.kind]
    need = Need(Window(NOW - 3600, NOW))
    role = {"role": "arn:aws:iam::{account}:role/andon-read"}
    with server:
        source = opened(connector, server, **options, **role)
        assert all(check.state != "failed" for check in source.check())
        for ask in (source.metrics, source.logs, source.spans, source.changes, source.alerts):
            assert not ask(need).problems
        threading.Timer(0.05, session.cancel).start()
        source.changes(Need(Window(NOW - 1800, NOW)))
    assert server.actions - ALONE == set(connector.actions)
