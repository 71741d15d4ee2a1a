"""CloudTrail Lake's connector keeps the contract."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, ClassVar

from andon.connectors import Need
from andon.connectors.aws import CloudTrailLakeConnector
from andon.telemetry import Window, isoformat
from andon.testing.imitations.aws import STORE, CloudTrailLakeImitation
from contract.aws import ACCOUNT, AwsContract

NOW = time.time()
RECORD = {
    "eventTime": isoformat(NOW - 600),
    "eventName": "ModifyDBInstance",
    "eventID": "b5a1",
    "readOnly": False,
}


class TestCloudTrailLake(AwsContract):
    connector = CloudTrailLakeConnector
    imitation = partial(CloudTrailLakeImitation, {ACCOUNT: {"eu-central-1": [RECORD]}}, polls=1)
    need = Need(Window(NOW - 3600, NOW))
    options: ClassVar[dict[str, Any]] = {"event_data_store": STORE}
