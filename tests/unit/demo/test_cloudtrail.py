from __future__ import annotations

import re
import uuid

from andon.demo.cloudtrail import Identity, Trail, record

WHO = Identity("NetworkAdministrator", "netops-17", "562093481107", "198.51.100.40")


def revoked(**kwargs) -> dict:
    parameters = {"groupId": "sg-1"}
    return record(
        "ec2.amazonaws.com", "RevokeSecurityGroupIngress", WHO, "562093481107", parameters, {"_return": True},
        read_only=False, **kwargs,
    )  # fmt: skip


def test_a_record_has_the_fields_of_cloudtrail():
    entry = revoked()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["eventTime"])
    assert str(uuid.UUID(entry["eventID"])) == entry["eventID"]
    assert entry["eventType"] == "AwsApiCall"
    assert entry["recipientAccountId"] == "562093481107"
    assert entry["readOnly"] is False
    assert entry["requestParameters"] == {"groupId": "sg-1"}
    assert entry["responseElements"] == {"_return": True}
    assert "errorCode" not in entry


def test_the_identity_is_a_session_of_a_role():
    identity = revoked()["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == "arn:aws:sts::562093481107:assumed-role/NetworkAdministrator/netops-17"
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "NetworkAdministrator"


def test_a_refused_call_says_why_and_responds_nothing():
    entry = revoked(error=("Client.UnauthorizedOperation", "no"))
    assert entry["errorCode"] == "Client.UnauthorizedOperation"
    assert entry["errorMessage"] == "no"
    assert entry["responseElements"] is None


def test_what_was_read_is_not_recorded():
    entry = record(
        "secretsmanager.amazonaws.com", "GetSecretValue", WHO, "1", {"secretId": "x"}, {"versions": ["hidden"]},
        read_only=True,
    )  # fmt: skip
    assert "hidden" not in str(entry)


def test_the_trail_keeps_the_order(tmp_path):
    trail = Trail(tmp_path / "trail.jsonl")
    assert trail.read() == []
    entries = [revoked() for _ in range(3)]
    for entry in entries:
        trail.append(entry)
    assert trail.read() == entries
