"""CloudTrail's event history: `LookupEvents` as documented, in each account and region.

One attribute, 50 events a page, two requests a second (a bucket that holds two), 90 days, the latest events first,
tokens that are only valid for the question that they were given to.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from andon.telemetry import ChangeEvent, isoformat
from andon.testing.imitations.aws.service import AwsImitation, Call, Refusal

__all__ = ["CloudTrailImitation", "CloudTrailRecords", "record_of"]

CloudTrailRecords = Mapping[str, Mapping[str, Sequence[Mapping[str, Any] | ChangeEvent]]]
"""Account to region to records, as CloudTrail writes them or as change events."""

_KEPT = 90 * 86_400.0
_ATTRIBUTES = {
    "EventId": "eventID", "EventName": "eventName", "ReadOnly": "readOnly", "EventSource": "eventSource",
    "Username": "", "ResourceType": "", "ResourceName": "", "AccessKeyId": "",
}  # fmt: skip


class CloudTrailImitation(AwsImitation):
    """Holds records by account and region; `per_second` None lifts the limit of requests."""

    def __init__(
        self, records: CloudTrailRecords, *, per_second: float | None = 2.0, late: float = 0.0, **options: Any
    ) -> None:
        super().__init__(**options)
        self.late = late
        self.throttled = 0
        self._records = {
            (account, region): sorted(
                (record_of(one, account, region) for one in held), key=_time, reverse=True
            )
            for account, regions in records.items()
            for region, held in regions.items()
        }
        self._per_second = per_second
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    @classmethod
    def of_changes(
        cls, changes: CloudTrailRecords, *, now: float | None = None, **options: Any
    ) -> CloudTrailImitation:
        """A server whose clock shows `now` (Unix seconds): 90 days before it are kept."""
        skew = {} if now is None else {"skew": now - time.time()}
        return cls(changes, **skew, **options)

    def operate(self, call: Call) -> Any:
        if call.operation != "LookupEvents":
            raise Refusal("InvalidAction", call.operation)
        if self._per_second is not None and not self._bucket(call).take():
            self.throttled += 1
            raise Refusal("ThrottlingException", "Rate exceeded")
        wanted, start, end, size = _question(call.params)
        now = self.now()
        found = [
            record
            for record in self._records.get(call.place, ())
            if start <= _time(record) <= end
            and now - _KEPT <= _time(record) <= now - self.late
            and all(_states(record, name, value) for name, value in wanted)
        ]
        first = _first(call.params, call.place)
        page: dict[str, Any] = {"Events": [_event(record) for record in found[first : first + size]]}
        if first + size < len(found):
            page["NextToken"] = _token(call.params, call.place, first + size)
        return page

    def _bucket(self, call: Call) -> _Bucket:
        with self.lock:
            return self._buckets.setdefault(call.place, _Bucket(self._per_second or 0.0))


class _Bucket:
    """Holds as many requests as are allowed in a second, and is filled at that rate."""

    def __init__(self, per_second: float) -> None:
        self._rate, self._held, self._at = per_second, per_second, time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._held = min(self._rate, self._held + (now - self._at) * self._rate)
            self._at = now
            if self._held < 1:
                return False
            self._held -= 1
            return True


def record_of(one: Mapping[str, Any] | ChangeEvent, account: str, region: str) -> dict[str, Any]:
    """A record of this account and region; one made of a change event states what the event knows."""
    place = {"awsRegion": region, "recipientAccountId": account}
    if not isinstance(one, ChangeEvent):
        return place | dict(one)
    error, _, words = one.error.partition(": ")
    assumed = f"arn:aws:sts::{account}:assumed-role/{one.actor}"
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "eventID": one.id,
        "eventTime": isoformat(one.time),
        "eventName": one.action,
        "eventSource": "ec2.amazonaws.com",
        "userIdentity": {"arn": assumed} if "/" in one.actor else {"userName": one.actor},
        "requestParameters": dict(one.parameters) or None,
        "resources": [{"ARN": name} for name in (one.target, *one.resources) if name],
        "readOnly": one.read_only,
    }
    return record | place | ({"errorCode": error, "errorMessage": words} if error else {})


def _time(record: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(str(record["eventTime"])).timestamp()


def _question(params: Mapping[str, Any]) -> tuple[list[tuple[str, str]], float, float, int]:
    """Attributes, start, end and page size; raises Refusal for what the API does not take."""
    attributes = params.get("LookupAttributes") or []
    if len(attributes) > 1:
        raise Refusal("InvalidLookupAttributesException", "Only one lookup attribute is allowed")
    wanted = [(one["AttributeKey"], one["AttributeValue"]) for one in attributes]
    if any(name not in _ATTRIBUTES for name, _ in wanted):
        raise Refusal("InvalidLookupAttributesException")
    start, end = float(params.get("StartTime", 0)), float(params.get("EndTime", 9e9))
    if start > end:
        raise Refusal("InvalidTimeRangeException", "The start time is after the end time")
    size = params.get("MaxResults", 50)
    if not 1 <= size <= 50:
        raise Refusal("InvalidMaxResultsException", "MaxResults must be between 1 and 50")
    return wanted, start, end, size


def _states(record: Mapping[str, Any], attribute: str, value: str) -> bool:
    stated = record.get(_ATTRIBUTES[attribute])
    written = str(stated).lower() if isinstance(stated, bool) else stated
    return written == value


def _event(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "EventId": record.get("eventID", ""),
        "EventName": record["eventName"],
        "EventTime": _time(record),
        "ReadOnly": str(record.get("readOnly", False)).lower(),
        "CloudTrailEvent": orjson.dumps(record).decode(),
    }


def _asked_for(params: Mapping[str, Any], place: tuple[str, str]) -> str:
    kept = {name: value for name, value in params.items() if name != "NextToken"}
    return orjson.dumps([kept, place], option=orjson.OPT_SORT_KEYS).hex()


def _token(params: Mapping[str, Any], place: tuple[str, str], first: int) -> str:
    return f"{first}.{_asked_for(params, place)}"


def _first(params: Mapping[str, Any], place: tuple[str, str]) -> int:
    token = params.get("NextToken")
    if not token:
        return 0
    first, _, asked_for = token.partition(".")
    if asked_for != _asked_for(params, place):
        raise Refusal("InvalidNextTokenException", "The token belongs to another question")
    return int(first)
