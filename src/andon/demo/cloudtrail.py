"""CloudTrail records: what a control-plane API call leaves behind.

The fields are those of the CloudTrail record contents, event version 1.11.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from andon.demo.inventory import REGION

__all__ = ["Identity", "Trail", "record"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls: a session of a role in an account, from an address (or an AWS service's name)."""

    role: str
    session: str
    account: str
    address: str
    agent: str = "aws-cli/2.31.11 md/awscrt#0.28.2 ua/2.1 os/linux"

    def user_identity(self) -> dict[str, Any]:
        mark = sha256(self.role.encode()).hexdigest()[:17].upper()
        principal = f"AROA{mark}"
        created = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        return {
            "type": "AssumedRole",
            "principalId": f"{principal}:{self.session}",
            "arn": f"arn:aws:sts::{self.account}:assumed-role/{self.role}/{self.session}",
            "accountId": self.account,
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": principal,
                    "arn": f"arn:aws:iam::{self.account}:role/{self.role}",
                    "accountId": self.account,
                    "userName": self.role,
                },
                "attributes": {
                    "creationDate": _timestamp(created - timedelta(hours=1)),
                    "mfaAuthenticated": "false",
                },
            },
        }


def record(
    source: str,
    name: str,
    identity: Identity,
    account: str,
    parameters: Mapping[str, Any] | None,
    response: Mapping[str, Any] | None,
    *,
    read_only: bool,
    error: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """One record of the call `source` (`ec2.amazonaws.com`) `name`, now; `error` is code and message."""
    entry: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": identity.user_identity(),
        "eventTime": _timestamp(datetime.now(UTC)),
        "eventSource": source,
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": identity.address,
        "userAgent": identity.agent,
        "requestParameters": parameters,
        "responseElements": None if read_only or error else response,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    if error:
        entry["errorCode"], entry["errorMessage"] = error
    return entry


class Trail:
    """Appends records to a JSON-lines file; thread-safe."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def append(self, entry: Mapping[str, Any]) -> None:
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def read(self) -> list[dict[str, Any]]:
        """The records so far, in the order of their arrival."""
        if not self._file.exists():
            return []
        with self._lock, self._file.open(encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def _timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
