"""The least that AWS must allow: policies made from the actions that the connectors call.

`python -m andon.connectors.aws.policy FOLDER` writes them where the documentation links to.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from andon.connectors.aws import (
    CloudTrailConnector,
    CloudTrailLakeConnector,
    CloudWatchConnector,
    CloudWatchLogsConnector,
    XRayConnector,
)
from andon.connectors.aws.connector import AwsConnector

__all__ = ["CONNECTORS", "POLICIES", "read_policy", "trust_policy", "written"]

CONNECTORS: tuple[type[AwsConnector], ...] = (
    CloudTrailConnector,
    CloudTrailLakeConnector,
    CloudWatchConnector,
    CloudWatchLogsConnector,
    XRayConnector,
)
_VERSION = "2012-10-17"


def read_policy(connectors: Sequence[type[AwsConnector]] = CONNECTORS) -> dict[str, Any]:
    """What the role in each account allows: one statement a connector, so that one that is not used can be struck."""
    return {
        "Version": _VERSION,
        "Statement": [
            {
                "Sid": "".join(part.capitalize() for part in ("andon", *connector.kind.split("-"))),
                "Effect": "Allow",
                "Action": sorted(connector.actions),
                "Resource": "*",
            }
            for connector in connectors
        ],
    }


def trust_policy(principal: str, external_id: str) -> dict[str, Any]:
    """Who may assume that role: one principal (an ARN), who states the external id."""
    return {
        "Version": _VERSION,
        "Statement": [
            {
                "Sid": "Andon",
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }


POLICIES = {
    "aws-policy.json": read_policy(),
    "aws-trust-policy.json": trust_policy(
        "arn:aws:iam::999988887777:role/andon", "CHOOSE-A-LONG-RANDOM-TEXT"
    ),
}
"""File name to what is in it; the principal and the external id of the second are to be replaced."""


def written(policy: dict[str, Any]) -> str:
    """A policy as the files hold it."""
    return json.dumps(policy, indent=2) + "\n"


if __name__ == "__main__":
    for name, policy in POLICIES.items():
        (Path(sys.argv[1]) / name).write_text(written(policy), encoding="utf-8")
