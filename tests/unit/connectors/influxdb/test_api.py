from __future__ import annotations

from typing import Any

import orjson
import pytest

from andon.connectors.influxdb.api import InfluxDbApi
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply
from andon.telemetry import Status


class Told:
    """A wire that gives these answers, one after the other."""

    def __init__(self, *bodies: Any) -> None:
        self.bodies = list(bodies)
        self.asked: list[str] = []

    def get(self, path: str, params: Any = (), **options: Any) -> Reply:
        self.asked.append(params["q"])
        return Reply(200, {}, orjson.dumps(self.bodies.pop(0)))


def api(wire: Told) -> InfluxDbApi:
    return InfluxDbApi(wire, "shop", "")  # type: ignore[arg-type]


def result(name: str, number: int = 0) -> dict[str, Any]:
    return {"statement_id": number, "series": [{"name": name, "columns": ["x"], "values": [[1], [1, 2], 3]}]}


def test_statements_behind_one_that_failed_are_sent_again() -> None:
    wire = Told(
        {"results": [result("a"), {"statement_id": 1, "error": "not executed"}]},
        {"results": [{"statement_id": 0, "error": "not executed"}]},
        {"results": [{"statement_id": 0, "error": "no such field"}]},
        {"results": [result("c")]},
    )
    outcomes, _ = api(wire).ask(["A", "B", "C"])
    assert [outcome.error for outcome in outcomes] == ["", "no such field", ""]
    assert wire.asked == ["A; B; C", "B; C", "B", "C"]
    assert outcomes[0].tables[0].rows == [[1]], "rows of another width are left out"


def test_the_row_limit_is_noticed_where_it_is_written() -> None:
    cut = result("a")
    cut["series"][0]["partial"] = True
    outcomes, _ = api(Told({"results": [cut]})).ask(["A"])
    assert outcomes[0].cut


def test_privileges_are_denied_and_other_errors_failures() -> None:
    for error, status in (("user not authorized to execute", Status.DENIED), ("timeout", Status.FAILED)):
        with pytest.raises(Unanswered) as gap:
            api(Told({"results": [{"error": error}]})).one("A")
        assert gap.value.status is status


@pytest.mark.parametrize(
    "body", [[], {}, {"results": []}, {"results": [{}, {}]}, {"error": "authorization failed"}]
)
def test_other_answers_are_none(body: Any) -> None:
    with pytest.raises(Unanswered):
        api(Told(body)).ask(["A"])
