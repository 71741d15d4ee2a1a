"""CloudTrail's connector keeps the contract."""

from __future__ import annotations

import time
from functools import partial

from andon.connectors import Need
from andon.connectors.aws import CloudTrailConnector
from andon.telemetry import Window, isoformat
from andon.testing.imitations.aws import CloudTrailImitation
from contract.aws import ACCOUNT, AwsContract

NOW = time.time()
RECORD = {
    "eventTime": isoformat(NOW - 600),
    "eventName": "ModifyDBInstance",
    "eventID": "b5a1",
    "readOnly": False,
    "requestParameters": {"dBInstanceIdentifier": "orders"},
}


class TestCloudTrail(AwsContract):
    connector = CloudTrailConnector
    imitation = partial(CloudTrailImitation, {ACCOUNT: {"eu-central-1": [RECORD]}}, per_second=None)
    need = Need(Window(NOW - 3600, NOW))
