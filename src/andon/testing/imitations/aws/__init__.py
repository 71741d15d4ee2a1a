"""Servers that stand in for services of AWS, in several accounts and regions, with roles to assume.

Each knows who asks from the signature, refuses what IAM would refuse, and keeps its quotas. What they do not
imitate: expiry of signatures and sessions, policies finer than an action, regions that are switched off.
"""

from andon.testing.imitations.aws.cloudtrail import CloudTrailImitation
from andon.testing.imitations.aws.cloudwatch import CloudWatchImitation, HeldAlarm, HeldMetric
from andon.testing.imitations.aws.lake import STORE, CloudTrailLakeImitation
from andon.testing.imitations.aws.logs import HeldGroup, LogsImitation
from andon.testing.imitations.aws.service import AwsImitation, Call, Refusal
from andon.testing.imitations.aws.xray import XRayImitation

__all__ = [
    "STORE",
    "AwsImitation",
    "Call",
    "CloudTrailImitation",
    "CloudTrailLakeImitation",
    "CloudWatchImitation",
    "HeldAlarm",
    "HeldGroup",
    "HeldMetric",
    "LogsImitation",
    "Refusal",
    "XRayImitation",
]
