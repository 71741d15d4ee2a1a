"""AWS X-Ray: traces of even slices of the window, fetched whole.

Traces are found by the second in which they began, which is in their ids, so that each belongs to one slice; how many there
are is first measured in a few slices. Traces are kept for 30 days. Assumed: a question may span six hours, as it may
for service graphs. Source: AWS X-Ray API reference, `GetTraceSummaries` and `BatchGetTraces`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import ceil, floor
from typing import Any, ClassVar

from pydantic import Field

from andon.connectors.aws.config import AwsConfig, Place
from andon.connectors.aws.connector import AwsConnector, Probe
from andon.connectors.aws.xray_segments import epoch_of, spans_in
from andon.connectors.connector import ConnectorConfig, Need
from andon.connectors.log_levels import thinned
from andon.connectors.reading import Reading
from andon.connectors.sampling import sample
from andon.connectors.source import Signal
from andon.telemetry import Result, Span, Spans, Status, Window

__all__ = ["XRayConfig", "XRayConnector"]

_KEPT = 30 * 86_400.0
_LONGEST = 6 * 3600.0
_IDS = 5
_PROBES, _PROBED = 10, 0.02
"""Slices in which traces are counted first, and the part of the window that they make up."""
_TOLERATED = 1.5
"""Times as many spans as wanted that are still read, for traces are not all alike."""
_MEASURED = 20
"""Traces that are fetched to learn how many spans one has."""


class XRayConfig(AwsConfig):
    """`spans_a_trace` is what is reckoned with before any trace was seen."""

    spans_a_trace: float = Field(10.0, gt=0)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Whole seconds of a place in which traces are wanted, what share of the window these are, and how many to read."""

    place: Place
    windows: Sequence[Window]
    share: float
    most: int


class XRayConnector(AwsConnector):
    """Segments and subsegments as spans, per account and region."""

    kind = "xray"
    title = "AWS X-Ray"
    signals = (Signal.TRACES,)
    proved = "an imitation"
    actions = ("xray:BatchGetTraces", "xray:GetTraceSummaries")
    Config: ClassVar[type[ConnectorConfig]] = XRayConfig
    config: XRayConfig

    def probes(self) -> tuple[Probe, ...]:
        return (("traces", self._traces_told),)

    def spans(self, need: Need) -> Result[Spans]:
        reading = Reading(self.name)
        places = max(1, len(self.config.scope.places()))
        found = self.everywhere(reading, partial(self._read, reading, need, need.items / places))
        unique = {(one.trace_id, one.span_id, one.kind): one for one in found}
        return reading.result(Spans.of(list(unique.values())), len(unique))

    def _read(self, reading: Reading, need: Need, items: float, place: Place, found: list[Span]) -> None:
        self.api.identity(place.account, place.region)
        window = self._kept(reading, place, need.window)
        if window.seconds <= 0:
            return
        plan = self._plan(reading, place, window, need, items)
        ids = [one for part in plan.windows for one in self._listed(reading, plan, part, need)]
        if len(ids) > plan.most:
            message = (
                f"more traces than were reckoned with; an even {plan.most:,} of {len(ids):,} were fetched"
            )
            reading.lacking(Status.TRUNCATED, message, place=str(place))
        for first in range(0, len(chosen := thinned(ids, plan.most)), _IDS):
            found += self._fetched(reading, place, chosen[first : first + _IDS], plan.share)
            if len(found) > items * _TOLERATED:
                message = "traces have more spans than were reckoned with; the later ones were left out"
                reading.lacking(Status.TRUNCATED, message, place=str(place), hint="raise spans_a_trace")
                return

    def _kept(self, reading: Reading, place: Place, window: Window) -> Window:
        oldest = self.now() - _KEPT
        if window.start >= oldest:
            return window
        reading.lacking(Status.TRUNCATED, "traces are kept for 30 days", place=str(place))
        return Window(min(oldest, window.end), window.end)

    def _plan(self, reading: Reading, place: Place, window: Window, need: Need, items: float) -> _Plan:
        """As much of the window as is likely to hold what is wanted."""
        probe = _seconds(sample(window, 1.0 / _PROBED, 1, _PROBES).windows)
        covered, each = (
            sum(one.seconds for one in probe) / max(1.0, window.seconds),
            self.config.spans_a_trace,
        )
        if covered < 0.5:
            counted = _Plan(place, probe, covered, _MEASURED)
            ids = [one for part in probe for one in self._listed(reading, counted, part, need)]
            each = self._measured(reading, counted, thinned(ids, _MEASURED))
            taken = sample(window, len(ids) / covered * each, ceil(items), self.config.limits.slices)
            if taken.share < 1.0:
                windows = _seconds(taken.windows)
                share = min(1.0, sum(one.seconds for one in windows) / window.seconds)
                return _Plan(place, windows, share, ceil(_TOLERATED * items / each))
        return _Plan(place, _seconds([window]), 1.0, ceil(_TOLERATED * items / each))

    def _measured(self, reading: Reading, plan: _Plan, ids: Sequence[str]) -> float:
        """How many spans a trace has."""
        if not ids:
            return self.config.spans_a_trace
        parts = [ids[first : first + _IDS] for first in range(0, len(ids), _IDS)]
        spans = sum(len(self._fetched(reading, plan.place, part, plan.share)) for part in parts)
        return max(1.0, spans / len(ids))

    def _listed(self, reading: Reading, plan: _Plan, window: Window, need: Need) -> Iterator[str]:
        """The ids of the traces that began in a window of whole seconds."""
        params: dict[str, Any] = {"TimeRangeType": "TraceId", "Sampling": False}
        if need.services:
            params["FilterExpression"] = " OR ".join(f'service("{_plain(name)}")' for name in need.services)
        for start in range(int(window.start), int(window.end), int(_LONGEST)):
            part = Window(start, min(start + _LONGEST, window.end))
            asked = params | {"StartTime": _moment(part.start), "EndTime": _moment(part.end)}
            for answer in self.api.pages(plan.place, "xray", "get_trace_summaries", **asked):
                ids = [str(one.get("Id", "")) for one in answer.items("TraceSummaries")]
                text = f"GetTraceSummaries {params.get('FilterExpression', '')} {part}"
                reading.fetched(
                    text, place=str(plan.place), items=len(ids), size=answer.size, share=plan.share
                )
                yield from (one for one in ids if epoch_of(one) in part)

    def _fetched(self, reading: Reading, place: Place, ids: Sequence[str], share: float) -> list[Span]:
        """The spans of at most five traces."""
        found, where, size = list[Span](), str(place), 0
        for answer in self.api.pages(place, "xray", "batch_get_traces", TraceIds=list(ids)):
            size += answer.size
            for trace in answer.items("Traces"):
                if trace.get("LimitExceeded"):
                    reading.lacking(Status.TRUNCATED, "a trace is larger than X-Ray keeps", place=where)
                for segment in trace.get("Segments") or ():
                    found += self._segment(reading, where, str((segment or {}).get("Document", "")))
            for _ in answer.value.get("UnprocessedTraceIds") or ():
                reading.lacking(Status.PARTIAL, "a trace was not returned", place=where)
        reading.fetched(f"BatchGetTraces {len(ids)}", place=where, items=len(found), size=size, share=share)
        return found

    def _segment(self, reading: Reading, where: str, document: str) -> list[Span]:
        """The spans of a segment that can be read and is of an account in scope."""
        try:
            spans, account = spans_in(document)
        except ValueError:
            reading.lacking(Status.PARTIAL, "a segment could not be read", place=where)
            return []
        if account and account not in self.config.scope.accounts:
            reading.lacking(Status.DENIED, f"segments of {account} were left out", place=where)
            return []
        return spans

    def _traces_told(self, place: Place) -> str:
        """Lists the traces of some minutes, and asks for one of them."""
        now = floor(self.now())
        asked = {"StartTime": _moment(now - 600), "EndTime": _moment(now), "TimeRangeType": "TraceId"}
        found = self.api.ask(place, "xray", "get_trace_summaries", fresh=True, **asked)
        ids = [name for one in found.items("TraceSummaries") if epoch_of(name := str(one.get("Id", ""))) > 0]
        unknown = f"1-{now:08x}-{'0' * 24}"
        self.api.ask(place, "xray", "batch_get_traces", fresh=True, TraceIds=ids[:1] or [unknown])
        more = " or more" if found.value.get("NextToken") else ""
        return f"{len(ids)}{more} in the last ten minutes"


def _seconds(windows: Sequence[Window]) -> list[Window]:
    """The windows in whole seconds, each at least one long, none twice."""
    found: list[Window] = []
    for one in windows:
        start = max(floor(one.start), int(found[-1].end)) if found else floor(one.start)
        end = max(start + 1, round(one.end) if len(windows) > 1 else ceil(one.end))
        found.append(Window(start, end))
    return found


def _plain(name: str) -> str:
    return name.replace("\\", "").replace('"', "")


def _moment(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)
