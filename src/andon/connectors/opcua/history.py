"""HistoryRead: averages that the server computes where it can, else its raw values page by page; or the value now.

OPC UA part 4 (services, 5.10), part 11 (historical access) and part 13 (aggregates). A server that gives as many values as
were asked for, and no continuation point though there are more, is asked again from the last one on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from andon.connectors.connector import Need
from andon.connectors.opcua.browsing import Variable
from andon.connectors.opcua.client import refusal_of
from andon.connectors.points import Points
from andon.connectors.reading import Reading
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

__all__ = ["History"]

_AVERAGE = "i=2342"
"""AggregateFunction_Average of part 13."""
_PAGE = 5_000
"""Values that are asked for at once."""
_MOST_PAGES = 40
"""Pages of one variable: beyond, it is cut off and said."""
_VALUE_BYTES = 24
"""About what a value, its status and its times take."""
_UNCERTAIN, _BAD = 1, 2
"""The two highest bits of a status code; 0 is good."""
_NO_AVERAGES = frozenset(
    {
        "BadHistoryOperationUnsupported",
        "BadHistoryOperationInvalid",
        "BadAggregateNotSupported",
        "BadNotImplemented",
        "BadNotSupported",
        "BadServiceUnsupported",
        "BadAggregateListMismatch",
        "BadAggregateConfigurationRejected",
    }
)
_NO_HISTORY = _NO_AVERAGES | {"BadNotReadable", "BadUserAccessDenied"}
_ABSENT = frozenset({"BadNodeIdUnknown", "BadNodeIdInvalid", "BadUserAccessDenied"})
_NOTHING = frozenset({"BadNoData", "GoodNoData", "BadBoundNotFound", "BadDataUnavailable"})
"""There is no value in an interval, or in the whole window: that is no fault."""


@dataclass
class History:
    """Reads variables into points; `size` counts about how many bytes came, `most` is how many may."""

    client: Any
    need: Need
    reading: Reading
    points: Points
    most: int
    size: int = 0
    averages: bool = True
    """Until the server says that it has none."""

    async def read(self, variable: Variable) -> None:
        """The values of a variable in the window. Raises Unanswered, and what asyncua raises."""
        before = sum(len(times) for times, _ in self.points.held.values())
        how = ""
        if self.averages:
            how = await self._averaged(variable)
        if not how:
            how = await self._raw(variable) or await self._now(variable)
        there = sum(len(times) for times, _ in self.points.held.values()) - before
        if not there:
            await self._current(variable)
        self.reading.fetched(how, place=variable.node, items=there, size=there * _VALUE_BYTES)

    async def _averaged(self, variable: Variable) -> str:
        """What was asked, empty where the server has no averages."""
        from asyncua import ua

        details = ua.ReadProcessedDetails()
        details.StartTime, details.EndTime = self._window()
        details.ProcessingInterval = self.need.step * 1000.0
        details.AggregateType = [ua.NodeId.from_string(_AVERAGE)]
        result = await self._ask(variable, details, None)
        name = result.StatusCode.name
        if name in _NO_AVERAGES:
            self.averages = name == "BadHistoryOperationUnsupported"
            return ""
        if name in _NO_HISTORY:
            return ""
        pages = 0
        while True:
            self._take(variable, _values(result))
            pages += 1
            if not result.ContinuationPoint or self._cut(variable, pages):
                break
            result = await self._ask(variable, details, result.ContinuationPoint)
        if result.ContinuationPoint:
            await self._release(variable, details, result.ContinuationPoint)
        return f"HistoryRead Average every {self.need.step:g} s of {variable.node} from {_said(details)}"

    async def _raw(self, variable: Variable) -> str:
        """What was asked, empty where the server keeps no history of the variable."""
        from asyncua import ua

        details = ua.ReadRawModifiedDetails()
        details.IsReadModified, details.ReturnBounds, details.NumValuesPerNode = False, False, _PAGE
        details.StartTime, details.EndTime = self._window()
        query = f"HistoryRead Raw of {variable.node} from {_said(details)}"
        point, pages, last = None, 0, -math.inf
        while True:
            result = await self._ask(variable, details, point)
            if result.StatusCode.name in _NO_HISTORY and not pages:
                return ""
            values = _values(result)
            newest = self._take(variable, [value for value in values if _time(value) > last])
            point, pages = result.ContinuationPoint, pages + 1
            full = len(values) >= _PAGE and newest > last
            last = max(last, newest)
            if not (point or full) or self._cut(variable, pages):
                break
            if not point:
                details.StartTime = datetime.fromtimestamp(last, UTC)
        if point:
            await self._release(variable, details, point)
        return query

    async def _now(self, variable: Variable) -> str:
        """The value that the variable has now, where the server keeps no history of it."""
        self._take(variable, [await self._current(variable)])
        hint = "have the server historize it; the user needs HistoryRead"
        self.reading.lacking(
            Status.PARTIAL, "keeps no history for us: only its value now", place=variable.node, hint=hint
        )
        return f"Read {variable.node}"

    async def _current(self, variable: Variable) -> Any:
        """The value now. Raises Unanswered where there is no such node, as some servers do not say of its history."""
        value = await self.client.get_node(variable.node).read_data_value(raise_on_bad_status=False)
        if value.StatusCode is not None and value.StatusCode.name in _ABSENT:
            raise refusal_of(value.StatusCode.name)
        return value

    async def _ask(self, variable: Variable, details: Any, point: bytes | None, release: bool = False) -> Any:
        from asyncua import ua

        wanted = ua.HistoryReadValueId()
        wanted.NodeId, wanted.ContinuationPoint = ua.NodeId.from_string(variable.node), point
        params = ua.HistoryReadParameters()
        params.HistoryReadDetails, params.NodesToRead = details, [wanted]
        params.TimestampsToReturn = ua.TimestampsToReturn.Both
        params.ReleaseContinuationPoints = release
        result = (await self.client.uaclient.history_read(params))[0]
        name = result.StatusCode.name
        if not (result.StatusCode.is_good() or name in _NO_HISTORY or name in _NOTHING or release):
            raise refusal_of(name)
        return result

    async def _release(self, variable: Variable, details: Any, point: bytes) -> None:
        """Servers hold few continuation points, so those that are not needed are given back."""
        await self._ask(variable, details, point, release=True)

    def _cut(self, variable: Variable, pages: int) -> bool:
        """Whether enough was read of this variable."""
        if self.size > self.most:
            raise Unanswered(
                f"the answers are larger than {self.most:,} bytes",
                status=Status.TRUNCATED,
                hint="look at less, name fewer `nodes`, or raise limits.bytes",
            )
        if pages < _MOST_PAGES:
            return False
        hint = "look at less time; a server with averages sends less"
        self.reading.lacking(
            Status.TRUNCATED, "holds more values than are read", place=variable.node, hint=hint
        )
        return True

    def _take(self, variable: Variable, values: Sequence[Any]) -> float:
        """Adds the values, and returns the latest time among them; tells of those that are bad or uncertain."""
        self.size += len(values) * _VALUE_BYTES
        bad = uncertain = 0
        newest = -math.inf
        for value in values:
            status, time = value.StatusCode, _time(value)
            newest = max(newest, time)
            if (status is not None and status.name in _NOTHING) or time not in self.need.window:
                continue
            number = _number(value)
            if status is not None and status.value >> 30 >= _BAD:
                number, bad = math.nan, bad + 1
            elif status is not None and status.value >> 30 == _UNCERTAIN:
                uncertain += 1
            if number is not None:
                self.points.add(variable.key, time, number)
        for count, words in (
            (bad, "values have a bad status: set to NaN"),
            (uncertain, "values are uncertain"),
        ):
            if count:
                self.reading.lacking(Status.PARTIAL, f"{count:,} {words}", place=variable.node)
        return newest

    def _window(self) -> tuple[datetime, datetime]:
        window = self.need.window
        return datetime.fromtimestamp(window.start, UTC), datetime.fromtimestamp(window.end, UTC)


def _values(result: Any) -> Sequence[Any]:
    return getattr(result.HistoryData, "DataValues", None) or ()


def _time(value: Any) -> float:
    """Unix seconds of the source, or of the server where the source states none; -inf without either."""
    moment = value.SourceTimestamp or value.ServerTimestamp
    if moment is None:
        return -math.inf
    return float((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _number(value: Any) -> float | None:
    """The value as a number; None for texts, arrays and structures, which are no points."""
    held = value.Value.Value if value.Value is not None else None
    if held is None:
        return math.nan
    return float(held) if isinstance(held, int | float) else None


def _said(details: Any) -> str:
    return f"{details.StartTime.isoformat()} to {details.EndTime.isoformat()}"
