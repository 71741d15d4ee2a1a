"""The connector to CloudWatch Logs keeps the contract."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from andon.connectors.aws import CloudWatchLogsConnector
from andon.testing.imitations.aws import HeldGroup, LogsImitation
from contract.aws import ACCOUNT, AwsContract

GROUP = HeldGroup([(1_781_864_400.0 + i, f"ERROR cannot unlock door {i}") for i in range(5)])
NAME = "/aws/lambda/doors"


class TestCloudWatchLogs(AwsContract):
    connector = CloudWatchLogsConnector
    imitation = partial(
        LogsImitation, {ACCOUNT: {"eu-central-1": {NAME: GROUP}, "us-east-1": {NAME: GROUP}}}, polls=1
    )
    options: ClassVar[dict[str, Any]] = {"scope": {"log_groups": ["/aws/lambda/*"]}}
