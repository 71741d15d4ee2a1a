import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors.files.changes import parse_cloudtrail
from andon.errors import ParseError
from andon.telemetry import ChangeKind


def record(name="RevokeSecurityGroupIngress", parameters=None, **more):
    return {
        "eventTime": "2026-06-19T10:25:00Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "eventID": "e1",
        "awsRegion": "eu-central-1",
        "recipientAccountId": "111122223333",
        "readOnly": False,
        "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/ops/alice"},
        "requestParameters": parameters,
        **more,
    }


def test_a_change(parse):
    parameters = {
        "groupId": "sg-1",
        "ipPermissions": {"items": [{"fromPort": 5432, "groups": {"items": [{"groupId": "sg-2"}]}}]},
    }
    (event,) = parse(parse_cloudtrail, json.dumps({"Records": [record(parameters=parameters)]})).changes
    assert (event.id, event.kind, event.action, event.target) == (
        "e1",
        ChangeKind.CONTROL_PLANE,
        "RevokeSecurityGroupIngress",
        "sg-1",
    )
    assert (event.actor, event.origin, event.resources) == (
        "ops/alice",
        "111122223333/eu-central-1",
        ("sg-2",),
    )
    assert event.parameters == parameters
    assert not event.read_only
    assert not event.error


@pytest.mark.parametrize(
    ("parameters", "target"),
    [
        ({"dBInstanceIdentifier": "orders-db", "applyImmediately": True}, "orders-db"),
        ({"functionName": "pay", "name": "x"}, "pay"),
        ({"secretId": "s"}, "s"),
        ({"certificateArn": "arn:c"}, "arn:c"),
        ({"nested": {"tableName": "t"}}, "t"),
        ({"cluster": "c", "services": ["pay", "web"]}, "pay"),
        (None, "ec2"),
    ],
)
def test_targets(parse, parameters, target):
    (event,) = parse(parse_cloudtrail, json.dumps({"Records": [record(parameters=parameters)]})).changes
    assert event.target == target


def test_resources_and_answers_name_the_target_when_parameters_do_not(parse):
    created = record(responseElements={"instanceId": "i-1"}, resources=[{"ARN": "arn:x"}])
    (event,) = parse(parse_cloudtrail, json.dumps({"Records": [created]})).changes
    assert (event.target, event.resources) == ("arn:x", ("i-1",))


def test_refused_and_reading_calls(parse):
    records = [
        record(errorCode="AccessDenied", errorMessage="no"),
        record("DescribeInstances", readOnly=True),
    ]
    refused, read = parse(parse_cloudtrail, json.dumps({"Records": records})).changes
    assert refused.error == "AccessDenied: no"
    assert read.read_only


def test_gzip_lines_and_lookup_events(parse):
    lines = "".join(json.dumps(record()) + "\n" for _ in range(2))
    assert len(parse(parse_cloudtrail, gzip.compress(lines.encode()), name="a.json.gz").changes) == 2
    answer = {
        "Events": [{"EventId": "e1", "CloudTrailEvent": json.dumps(record())}, {"CloudTrailEvent": "{"}]
    }
    parsed = parse(parse_cloudtrail, json.dumps(answer))
    assert [event.id for event in parsed.changes] == ["e1"]
    assert len(parsed.problems) == 2


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.dictionaries(st.sampled_from(["name", "groupId", "x"]), st.lists(st.dictionaries(st.sampled_from(["id", "y"]), st.text(max_size=2))))  # fmt: skip


@given(st.dictionaries(st.sampled_from(list(record())), VALUES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_any_record_is_read_or_counted(parse, fields):
    parsed = parse(parse_cloudtrail, json.dumps({"Records": [{**record(), **fields}]}))
    assert len(parsed.changes) + bool(parsed.problems) == 1


@pytest.mark.parametrize("content", ["[", '{"Records": 1', "3"])
def test_broken_files(parse, content):
    with pytest.raises(ParseError):
        parse(parse_cloudtrail, content)
