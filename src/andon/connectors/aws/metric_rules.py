"""What is asked of a metric of CloudWatch, and what it is about: statistics, units and services, by rule.

CloudWatch keeps sums, counts, extremes and percentiles of each metric, but does not say which of them mean something, and
`GetMetricData` does not state units. By the last word of the metric's name:

- shares (`CPUUtilization`, `…Percent`): Maximum, in percent;
- times (`Duration`, `TargetResponseTime`, `ReadLatency`): Average and p99, in the unit that the namespace uses;
- levels (`DatabaseConnections`, `FreeableMemory`, `UnHealthyHostCount`, `ApproximateAgeOfOldestMessage`): Maximum of what should be
  low, Minimum of what is left or free;
- everything else is counted (`Errors`, `Invocations`, `NetworkIn`): Sum.

The service is the value of the first dimension in `SERVICE_DIMENSIONS` that the metric has.
Source: the metrics pages of the services' user guides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

__all__ = ["SERVICE_DIMENSIONS", "resource_name", "service_named", "statistics", "unit_of_metric"]

SERVICE_DIMENSIONS = (
    "service.name", "service", "Service", "ServiceName", "FunctionName", "DBInstanceIdentifier", "DBClusterIdentifier",
    "LoadBalancer", "LoadBalancerName", "TargetGroup", "QueueName", "TopicName", "TableName", "StreamName", "StateMachineArn",
    "CacheClusterId", "ReplicationGroupId", "ApiName", "ApiId", "Broker", "Cluster Name", "DomainName", "BucketName", "RuleName",
    "DeliveryStreamName", "FileSystemId", "AutoScalingGroupName", "NatGatewayId", "InstanceId", "ClusterName",
)  # fmt: skip
"""Dimensions that name a resource, in the order in which they are believed; a service of ECS goes before its cluster."""

_SHARE = re.compile(r"(Utilization|Percent|Percentage|utilization)\d*$")
_TIME = re.compile(r"(Latency|Duration|ResponseTime|latency|duration|ElapsedTime|ExecutionTime)$")
_LEFT = re.compile(
    r"^(Free|Available|Healthy|CPUCreditBalance|BurstBalance|GroupInService)|Remaining$|StorageSpace$"
)
_LEVEL = re.compile(
    r"Connections$|Connected$|Age|Lag|Depth|Visible$|NotVisible$|Delayed$|UnHealthyHostCount|Concurrent|Used|Usage$"
    r"|InUse$|StatusCheckFailed|Backlog|Pending|TaskCount$|ContainerInstanceCount$|DesiredCapacity"
)
_MILLISECONDS = frozenset(
    ["AWS/Lambda", "AWS/ApiGateway", "AWS/DynamoDB", "AWS/States", "AWS/S3", "AWS/Kinesis"]
)
_SECONDS = frozenset(["AWS/ApplicationELB", "AWS/ELB", "AWS/NetworkELB", "AWS/RDS", "AWS/DocDB", "AWS/EBS"])
_BYTES = re.compile(r"Bytes|^Network(In|Out)$|FreeableMemory|FreeStorageSpace|SwapUsage|MemoryUsed")


def statistics(metric: str) -> tuple[str, ...]:
    """Which statistics of a metric are asked for, as CloudWatch writes them."""
    if _SHARE.search(metric):
        return ("Maximum",)
    if _TIME.search(metric):
        return "Average", "p99"
    if _LEFT.search(metric):
        return ("Minimum",)
    return ("Maximum",) if _LEVEL.search(metric) else ("Sum",)


def unit_of_metric(namespace: str, metric: str) -> str:
    """The UCUM unit, empty where the rules do not know it."""
    if _SHARE.search(metric):
        return "%"
    if _TIME.search(metric):
        return "ms" if namespace in _MILLISECONDS else "s" if namespace in _SECONDS else ""
    return "By" if _BYTES.search(metric) else ""


def service_named(dimensions: Mapping[str, str], names: Sequence[str] = SERVICE_DIMENSIONS) -> str:
    """The service that the dimensions of a metric or an alarm name, empty when they name none."""
    return next((resource_name(dimensions[name]) for name in names if dimensions.get(name)), "")


def resource_name(value: str) -> str:
    """The name inside an identifier: `app/shop/50dc6c495c0c9188` and `targetgroup/shop/…` are `shop`, an ARN its last part."""
    if value.startswith("arn:"):
        return re.split("[:/]", value)[-1]
    parts = value.split("/")
    return parts[1] if len(parts) == 3 or (len(parts) == 2 and parts[0] == "targetgroup") else value
