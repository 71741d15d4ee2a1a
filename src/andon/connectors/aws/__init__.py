"""AWS: what was changed, what metrics, alarms and logs say, where requests went; per account and region.

Knows roles, scopes, quotas and how AWS words a refusal. boto3 is the extra `aws`; what it prepares is sent by our
wire. Knows nothing of what the data mean.
"""

from andon.connectors.aws.cloudtrail import CloudTrailConnector
from andon.connectors.aws.cloudwatch import CloudWatchConnector
from andon.connectors.aws.cloudwatch_logs import CloudWatchLogsConnector
from andon.connectors.aws.lake import CloudTrailLakeConnector
from andon.connectors.aws.xray import XRayConnector

__all__ = [
    "CloudTrailConnector",
    "CloudTrailLakeConnector",
    "CloudWatchConnector",
    "CloudWatchLogsConnector",
    "XRayConnector",
]
