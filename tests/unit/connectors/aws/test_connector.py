"""Accounts and regions in turn: one that is denied does not take the others with it."""

from __future__ import annotations

import random
import time
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Need, Session
from andon.connectors.aws import CloudTrailConnector
from andon.connectors.aws.connector import AwsConnector
from andon.connectors.aws.library import library
from andon.connectors.aws.policy import CONNECTORS
from andon.telemetry import Result, Status, Window, isoformat
from andon.testing.imitation import Asked, Told, json_told
from andon.testing.imitations.aws import STORE, AwsImitation, CloudTrailImitation, XRayImitation
from andon.testing.imitations.aws.signature import Signature

ACCOUNT = "111122223333"
A, B, REGION = "111122223333", "444455556666", "eu-central-1"
ROLE = "arn:aws:iam::{account}:role/andon-read"
NOW = time.time()
RECORD = {"eventTime": isoformat(NOW - 60), "eventName": "PutRule", "eventID": "1", "readOnly": False}
BOTH = {A: {REGION: [RECORD]}, B: {REGION: [RECORD]}}


def test_a_denied_account_is_told_and_the_other_is_read(opened: Any):
    with CloudTrailImitation(BOTH, denied={B: {"sts:AssumeRole"}}) as server:
        trail = opened(CloudTrailConnector, server, scope={"accounts": [A, B]}, role=ROLE)
        result = trail.changes(Need(Window(NOW - 3600, NOW)))
    assert result.status is Status.PARTIAL
    assert [change.origin for change in result.value] == [f"{A}/{REGION}"]
    assert [fetch.place for fetch in result.fetches] == [f"{A}/{REGION}"]
    [problem] = result.problems
    assert problem.place == f"aws {B}/{REGION}" and "sts:AssumeRole" in problem.message


def test_check_names_what_is_missing_where(opened: Any):
    denied = {A: {"cloudtrail:LookupEvents"}, B: {"sts:AssumeRole"}}
    with CloudTrailImitation(BOTH, denied=denied) as server:
        trail = opened(CloudTrailConnector, server, scope={"accounts": [A, B]}, role=ROLE)
        checks = {check.what: check for check in trail.check()}
    assert checks[f"sign-in {A}"].found == f"as role andon-read in {A}"
    assert checks[f"changes {A}/{REGION}"].hint == f"add cloudtrail:LookupEvents to role andon-read in {A}"
    assert checks[f"sign-in {B}"].state == "failed"
    assert checks[f"sign-in {B}"].hint == "add sts:AssumeRole to whoever andon runs as"
    assert f"changes {B}/{REGION}" not in checks


def test_what_is_too_old_is_decided_by_the_clock_of_aws(opened: Any):
    with CloudTrailImitation({}, skew=-4000.0) as server:
        trail = opened(CloudTrailConnector, server)
        trail.api.identity(A, REGION)
        assert abs(trail.now() - (time.time() - 4000.0)) < 5.0


class Anything(AwsImitation):
    """Answers all but STS with what the shapes of the operations allow, members missing or null at random."""

    chance = random.Random(0)

    def answer(self, asked: Asked) -> Told:
        target, path = asked.headers.get("x-amz-target", ""), asked.path
        if not target and path == "/":
            return super().answer(asked)
        service = Signature.of(asked).service  # type: ignore[union-attr]
        name = target.rpartition(".")[2] or XRayImitation.rest[path]
        shape = self.models[service].operation_model(name).output_shape
        return json_told(_filled(shape, self.chance))

    models: ClassVar[dict[str, Any]] = {
        name: library("botocore.session").get_session().get_service_model(model)
        for name, model in {
            "cloudtrail": "cloudtrail",
            "monitoring": "cloudwatch",
            "logs": "logs",
            "xray": "xray",
        }.items()
    }


TEXTS = (
    "",
    "x",
    "{}",
    "Complete",
    "FINISHED",
    REGION,
    ACCOUNT,
    "AWS/Lambda",
    "2026-06-19 10:00:00.000",
    "[1]",
    "null",
)


def _filled(shape: Any, chance: random.Random) -> Any:
    if chance.random() < 0.08:
        return None
    match shape.type_name:
        case "structure":
            members = shape.members.items()
            return {name: _filled(member, chance) for name, member in members if chance.random() < 0.85}
        case "list":
            return [_filled(shape.member, chance) for _ in range(chance.randrange(3))]
        case "map":
            return {chance.choice(("eventJson", "x")): _filled(shape.value, chance)}
        case "string":
            return chance.choice(shape.enum or TEXTS)
        case "boolean":
            return chance.random() < 0.5
        case "timestamp":
            return NOW - chance.randrange(1000)
    return chance.choice((0, 1, -3, 1e9))


OPTIONS: dict[str, dict[str, Any]] = {
    "cloudtrail-lake": {"event_data_store": STORE},
    "cloudwatch": {"scope": {"namespaces": ["AWS/Lambda", "x"]}},
    "cloudwatch-logs": {"scope": {"log_groups": ["*"]}},
}


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda one: one.kind)
def test_any_answer_of_the_right_shape_is_a_result(
    connector: type[AwsConnector], opened: Any, session: Session, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connector, "rates", {})
    need = Need(Window(NOW - 600, NOW))
    with Anything() as server:
        source = opened(connector, server, **OPTIONS.get(connector.kind, {}))

        @settings(max_examples=40, deadline=None)
        @given(st.integers(0, 1 << 30))
        def answered(seed: int) -> None:
            server.chance = random.Random(seed)
            session._answers.clear()
            for ask in (source.metrics, source.logs, source.spans, source.changes, source.alerts):
                assert isinstance(ask(need), Result)
            assert source.check()

        answered()
