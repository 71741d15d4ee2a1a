from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors import Need, Reading
from andon.connectors.opcua.browsing import Variable
from andon.connectors.opcua.history import History
from andon.connectors.points import Points, SeriesKey
from andon.telemetry import Status, Window

START = 1_781_863_200.0
NEED = Need(Window(START, START + 600), step=60.0)
TEMP = Variable("ns=2;s=Temp", SeriesKey.of("temp", "press"))


def value(offset: float, number: Any, status: str = "Good") -> Any:
    code = getattr(ua.StatusCodes, status)
    moment = datetime.fromtimestamp(START + offset, UTC)
    return SimpleNamespace(
        Value=SimpleNamespace(Value=number),
        StatusCode=ua.StatusCode(code),
        SourceTimestamp=moment,
        ServerTimestamp=None,
    )


class Server:
    """Answers each HistoryRead with the next of these results."""

    def __init__(self, *results: tuple[str, list[Any], bytes | None]) -> None:
        self.results = list(results)
        self.asked: list[Any] = []
        self.uaclient = self

    async def history_read(self, params: Any) -> list[Any]:
        self.asked.append(params)
        if params.ReleaseContinuationPoints:
            return [SimpleNamespace(StatusCode=ua.StatusCode(), HistoryData=None, ContinuationPoint=None)]
        status, values, point = self.results.pop(0)
        code = ua.StatusCode(getattr(ua.StatusCodes, status))
        return [
            SimpleNamespace(
                StatusCode=code, HistoryData=SimpleNamespace(DataValues=values), ContinuationPoint=point
            )
        ]

    def get_node(self, _: str) -> Server:
        return self

    async def read_data_value(self, raise_on_bad_status: bool = True) -> Any:
        return value(30, 7.0)


def read(server: Server, most: int = 1 << 20) -> tuple[Points, Any]:
    reading, points = Reading("plant"), Points()
    history = History(server, NEED, reading, points, most)
    with reading.part():
        asyncio.run(history.read(TEMP))
    return points, reading.result((), sum(len(times) for times, _ in points.held.values()))


def test_without_averages_it_asks_for_raw_values_page_by_page() -> None:
    server = Server(
        ("BadHistoryOperationUnsupported", [], None),
        ("Good", [value(0, 1.0), value(1, 2.0)], b"next"),
        ("Good", [value(2, 3.0)], None),
    )
    points, result = read(server)
    assert points.held[TEMP.key][1] == [1.0, 2.0, 3.0] and result.status is Status.OK
    assert server.asked[2].NodesToRead[0].ContinuationPoint == b"next"


def test_without_history_it_reads_the_value_now() -> None:
    points, result = read(Server(*[("BadHistoryOperationUnsupported", [], None)] * 2))
    assert points.held[TEMP.key][1] == [7.0] and result.status is Status.PARTIAL
    assert "only its value now" in result.problems[0].message


def test_intervals_without_data_are_no_points() -> None:
    points, result = read(Server(("Good", [value(0, 5.0), value(60, None, "BadNoData")], None)))
    assert points.held[TEMP.key][1] == [5.0] and result.status is Status.OK


def test_bad_values_are_nan() -> None:
    points, result = read(Server(("Good", [value(0, 5.0, "BadSensorFailure")], None)))
    assert math.isnan(points.held[TEMP.key][1][0]) and result.status is Status.PARTIAL


def test_what_is_denied() -> None:
    _, result = read(Server(("BadUserAccessDenied", [], None), ("BadInternalError", [], None)))
    assert result.status is Status.FAILED


def test_a_budget_gives_the_continuation_point_up() -> None:
    server = Server(("Good", [value(n / 10, 1.0) for n in range(100)], b"more"))
    _, result = read(server, most=100)
    assert result.problems and "larger than 100 bytes" in result.problems[0].message


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.one_of(st.none(), st.floats(), st.booleans(), st.text(), st.lists(st.integers()))), max_size=20))  # fmt: skip
def test_any_values_become_points_or_nothing(sent: list[tuple[float, Any]]) -> None:
    points, _ = read(Server(("Good", [value(offset, held) for offset, held in sent], None)))
    series = points.series(NEED.window)
    assert all(math.isfinite(number) or math.isnan(number) for one in series for number in one.values)
