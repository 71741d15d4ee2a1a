"""AWS X-Ray: traces found by the second of their id, filtered by service, fetched five at a time.

Documents are kept for 30 days. Of filter expressions, only `service("name") OR …` is understood; a question may span six
hours. No groups, annotations, sampling or insights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from andon.testing.imitations.aws.service import AwsImitation, Call, Refusal

__all__ = ["XRayImitation"]

_KEPT, _LONGEST, _IDS = 30 * 86_400, 6 * 3600, 5
_SERVICE = re.compile(r'service\("([^"\\]*)"\)')


class XRayImitation(AwsImitation):
    """`segments`: account to region to segment documents (mappings as the daemon sends them); `page` summaries at once."""

    rest: Mapping[str, str] = {"/TraceSummaries": "GetTraceSummaries", "/Traces": "BatchGetTraces"}

    def __init__(
        self,
        segments: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]],
        *,
        page: int = 100,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.page = page
        self._traces: dict[tuple[str, str], dict[str, list[Mapping[str, Any]]]] = {}
        for account, regions in segments.items():
            for region, held in regions.items():
                traces = self._traces.setdefault((account, region), {})
                for segment in held:
                    traces.setdefault(segment["trace_id"], []).append(segment)

    def operate(self, call: Call) -> Any:
        traces = self._traces.get(call.place, {})
        match call.operation:
            case "GetTraceSummaries":
                return self._summaries(call.params, traces)
            case "BatchGetTraces":
                return self._batch(call.params, traces)
        raise Refusal("InvalidAction", call.operation)

    def _summaries(self, params: Mapping[str, Any], traces: Mapping[str, Sequence[Mapping[str, Any]]]) -> Any:
        start, end = float(params["StartTime"]), float(params["EndTime"])
        if start > end or end - start > _LONGEST:
            raise Refusal("InvalidRequestException", "The time range is too long, or ends before it starts")
        if params.get("TimeRangeType") != "TraceId":
            raise Refusal("InvalidRequestException", "only by trace id here")
        services = _services(params.get("FilterExpression", ""))
        found = sorted(
            name
            for name, segments in traces.items()
            if start <= _epoch(name) <= end
            and _epoch(name) >= self.now() - _KEPT
            and (not services or any(one["name"] in services for one in segments))
        )
        first = int(params.get("NextToken") or 0)
        more = {"NextToken": str(first + self.page)} if first + self.page < len(found) else {}
        summaries = [{"Id": name, "IsPartial": False} for name in found[first : first + self.page]]
        return {"TraceSummaries": summaries, "TracesProcessedCount": len(found)} | more

    def _batch(self, params: Mapping[str, Any], traces: Mapping[str, Sequence[Mapping[str, Any]]]) -> Any:
        ids = params["TraceIds"]
        if not 1 <= len(ids) <= _IDS:
            raise Refusal("InvalidRequestException", "between one and five trace ids")
        return {
            "Traces": [
                {
                    "Id": name,
                    "Duration": 0.0,
                    "LimitExceeded": False,
                    "Segments": [
                        {"Id": str(one.get("id", "")), "Document": orjson.dumps(one).decode()}
                        for one in traces[name]
                    ],
                }
                for name in ids
                if name in traces
            ],
            "UnprocessedTraceIds": [],
        }


def _epoch(name: str) -> int:
    return int(name.split("-")[1], 16)


def _services(expression: str) -> set[str]:
    parts = expression.split(" OR ") if expression else []
    found = [_SERVICE.fullmatch(part) for part in parts]
    if not all(found):
        raise Refusal("InvalidRequestException", f"filter expression: {expression[:60]}")
    return {match[1] for match in found if match}
