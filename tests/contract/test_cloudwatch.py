"""CloudWatch's connector keeps the contract."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, ClassVar

from andon.connectors import Need
from andon.connectors.aws import CloudWatchConnector
from andon.telemetry import Window
from andon.testing.imitations.aws import CloudWatchImitation, HeldAlarm, HeldMetric
from contract.aws import ACCOUNT, AwsContract

NOW = time.time()
CHECKOUT = {"FunctionName": "checkout"}
ERRORS = HeldMetric("AWS/Lambda", "Errors", CHECKOUT, [(NOW - 900 + 60 * i, 2.0) for i in range(10)])
ALARM = HeldAlarm("checkout-errors", [(NOW - 600, "ALARM")], "AWS/Lambda", "Errors", CHECKOUT)
REGION = "eu-central-1"


class TestCloudWatch(AwsContract):
    connector = CloudWatchConnector
    imitation = partial(CloudWatchImitation, {ACCOUNT: {REGION: [ERRORS]}}, {ACCOUNT: {REGION: [ALARM]}})
    need = Need(Window(NOW - 3600, NOW))
    options: ClassVar[dict[str, Any]] = {"scope": {"namespaces": ["AWS/Lambda"]}}
