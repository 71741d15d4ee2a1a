"""Control-plane changes from AWS CloudTrail: log files (`Records`), Lake or JSON lines, `lookup-events` answers.

Source: CloudTrail record contents, event version 1.11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from andon.connectors.files.columns import Collected
from andon.connectors.files.fields import text_of
from andon.connectors.files.otlp import dicts
from andon.connectors.files.reader import FileReader
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["change_of", "parse_cloudtrail"]

TARGET_KEYS = (
    "groupId", "dBInstanceIdentifier", "dBClusterIdentifier", "dBParameterGroupName", "functionName", "secretId",
    "certificateArn", "service", "serviceName", "cluster", "clusterName", "taskDefinition", "family", "tableName",
    "queueUrl", "queueName", "topicArn", "streamName", "bucketName", "loadBalancerArn", "targetGroupArn", "listenerArn",
    "autoScalingGroupName", "instanceId", "networkAclId", "routeTableId", "subnetId", "vpcId", "natGatewayId",
    "hostedZoneId", "cacheClusterId", "replicationGroupId", "domainName", "brokerId", "usagePlanId", "restApiId", "apiId", "stackName",
    "roleName", "roleArn", "policyArn", "userName", "keyId", "aliasName", "parameterName", "logGroupName", "alarmName", "ruleName",
    "repositoryName", "pipelineName", "applicationName", "environmentName", "resourceArn", "resourceId", "resourceARN",
    "arn", "name", "id",
)  # fmt: skip
"""Request parameters that name what a call acts on, the most telling first."""

_BY_NAME = {name.lower(): name for name in TARGET_KEYS}
MOST_NESTED = 6


def parse_cloudtrail(file: FileReader, into: Collected) -> None:
    """One change event a record; calls that only read are kept and marked, refused ones carry the error."""
    for line, outer in file.records("Records", "records", "Events"):
        record = _unwrapped(file, outer, line)
        time = file.times(record.get("eventTime"))
        name = text_of(record.get("eventName"))
        if time != time or not name:
            file.problem("record without eventTime and eventName left out", line=line)
            continue
        into.changes.append(change_of(record, time, name))


def _unwrapped(file: FileReader, record: dict[str, Any], line: int) -> dict[str, Any]:
    """The record inside an entry of a `lookup-events` answer; a plain record as it is."""
    inner = record.get("CloudTrailEvent")
    if not isinstance(inner, str):
        return record
    try:
        value = orjson.loads(inner)
    except orjson.JSONDecodeError:
        file.problem("CloudTrailEvent is not valid JSON", line=line)
        return {}
    return value if isinstance(value, dict) else {}


def change_of(record: Mapping[str, Any], time: float, name: str) -> ChangeEvent:
    """A CloudTrail record as a change event; `time` is its eventTime in Unix seconds, `name` its eventName."""
    parameters = record.get("requestParameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    named = list(dict.fromkeys(value for _, value in sorted(_identifiers(parameters))))
    response = record.get("responseElements")
    answered = [value for _, value in sorted(_identifiers(response))] if isinstance(response, dict) else []
    arns = [
        text_of(resource.get("ARN") or resource.get("arn")) for resource in dicts(record.get("resources"))
    ]
    found = [value for value in dict.fromkeys((*named, *arns, *answered)) if value]
    target = (
        named or [a for a in arns if a] or answered or [text_of(record.get("eventSource")).split(".")[0]]
    )[0]
    code, message = text_of(record.get("errorCode")), text_of(record.get("errorMessage"))
    actor = _actor(record.get("userIdentity"))
    place = [text_of(record.get(key)) for key in ("recipientAccountId", "awsRegion")]
    return ChangeEvent(
        id=text_of(record.get("eventID")) or f"{name}@{time:.3f}",
        time=time,
        kind=ChangeKind.CONTROL_PLANE,
        action=name,
        target=target,
        actor=actor,
        summary=f"{name} on {target} by {actor or 'unknown'}" + (f", refused: {code}" if code else ""),
        origin="/".join(part for part in place if part),
        resources=tuple(value for value in found if value != target),
        parameters=parameters,
        read_only=record.get("readOnly") in (True, "true"),
        error=": ".join(part for part in (code, message) if part),
    )


def _identifiers(value: Any, depth: int = 0) -> Iterator[tuple[tuple[int, int], str]]:
    """(depth, rank) and text of every known identifier in request parameters, nested ones included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            name = _BY_NAME.get(str(key).lower()) or _BY_NAME.get(str(key).lower().removesuffix("s"))
            if name is not None and isinstance(inner, str) and inner:
                yield (depth, TARGET_KEYS.index(name)), inner
            elif name is not None and isinstance(inner, list) and all(isinstance(one, str) for one in inner):
                yield from (((depth, TARGET_KEYS.index(name)), one) for one in inner if one)
            elif isinstance(inner, dict | list) and depth < MOST_NESTED:
                yield from _identifiers(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict) and depth < MOST_NESTED:
                yield from _identifiers(inner, depth)


def _actor(identity: Any) -> str:
    """Who called, in the shortest telling form: session of a role, user, or AWS service."""
    if not isinstance(identity, dict):
        return ""
    arn = text_of(identity.get("arn"))
    if ":assumed-role/" in arn:
        return arn.split(":assumed-role/", 1)[1]
    return (
        text_of(identity.get("userName") or identity.get("invokedBy"))
        or arn
        or text_of(identity.get("principalId"))
    )
