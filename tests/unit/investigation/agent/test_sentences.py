from __future__ import annotations

from dataclasses import replace

import pytest

from andon.analysis.calls import Tally
from andon.investigation.agent.sentences import (
    alert_sentence,
    calls_sentence,
    lent_sentence,
    line_sentence,
    points_sentence,
)
from andon.investigation.findings import Row
from andon.investigation.toolbox import LENT, TypeAdapter
from andon.investigation.tools.lines import LogLine
from andon.investigation.tools.metrics import SeriesPoints
from andon.storage import Ledger, Observation
from andon.telemetry import Alert, Status
from unit.investigation.agent.desks import change_row, desk, log_row, series_row

TALLY = Tally(
    caller="a", callee="b", baseline_calls=100, incident_calls=100, baseline_errors=0, incident_errors=0,
    baseline_seconds=10.0, incident_seconds=10.0, own_baseline_seconds=5.0, own_incident_seconds=5.0,
    own_baseline_errors=0, own_incident_errors=0, unanswered_baseline=0, unanswered_incident=0,
    delay=0.0, delay_noise=1.0, failures=0.0, failures_noise=1.0, missing=0.0, missing_noise=1.0,
    bins=(), bin_errors=(), bin_seconds=(),
)  # fmt: skip


def kept(tool: str, value: object) -> Observation:
    """An observation of one value, as a tool would have written it down."""
    plain = TypeAdapter(type(value)).dump_python(value, mode="json")
    return Ledger().record(tool, "prod", {}, window=None, status=Status.OK, count=1, content=plain)


def told(tally: Tally) -> tuple[str, int]:
    row = Row(kept("traces", {"links": [tally]}), ("links", 0), tally)
    evidence, services, direction = calls_sentence(row)
    assert services == tuple(filter(None, (tally.caller, tally.callee)))
    return evidence.claim, direction


@pytest.mark.parametrize(
    ("given", "claim", "direction"),
    [
        ({}, "Calls from a to b: 100 ms on average over 100 calls, 100 ms before", 0),
        ({"incident_errors": 30}, "Calls from a to b: 30 of 100 failed, 0 of 100 before", 1),
        ({"baseline_errors": 30}, "Calls from a to b: 0 of 100 failed, 30 of 100 before", -1),
        ({"incident_seconds": 30.0}, "Calls from a to b: 300 ms on average over 100 calls, 100 ms before", 1),
        ({"incident_seconds": 3.0}, "Calls from a to b: 30 ms on average over 100 calls, 100 ms before", -1),
        (
            {"unanswered_incident": 40, "incident_errors": 10},
            "Calls from a to b: 40 of 100 left no trace at the callee, 0 of 100 before",
            1,
        ),
        ({"incident_calls": 0}, "Calls from a to b: 0 calls in the incident, 100 in the baseline", -1),
        ({"baseline_calls": 0}, "Calls from a to b: 100 calls in the incident, 0 in the baseline", 1),
        ({"callee": "", "incident_errors": 30}, "a: 30 of 100 failed, 0 of 100 before", 1),
    ],
)
def test_of_calls_what_changed_most_is_told(given: dict[str, object], claim: str, direction: int) -> None:
    assert told(replace(TALLY, **given)) == (claim, direction)  # type: ignore[arg-type]


def test_a_series_that_did_not_move_is_told_as_such() -> None:
    one = desk()
    assert series_row(one, "queue.depth").evidence.claim == (
        "queue.depth of delta did not change beyond chance: 12 before, 12 in the incident"
    )
    assert series_row(one, "threads.idle").evidence.claim.startswith(
        "threads.idle of charlie fell from 64 to 14"
    )


def test_a_change_and_a_template_are_told_with_their_words_as_quotes() -> None:
    one = desk()
    assert (
        change_row(one, "deploy-7").evidence.claim == "deploy on charlie at 10:14:55 by ci: “charlie 1.4.0”"
    )
    assert "“NullPointerException in PriceTable.lookup”" in log_row(one, "NullPointer").evidence.claim


def test_a_line_an_alert_and_a_lent_line() -> None:
    line = LogLine(0.0, 17, "a", "it broke")
    evidence, services, direction = line_sentence(Row(kept("logs", {"lines": [line]}), ("lines", 0), line))
    assert (evidence.claim, services, direction) == ("a logged at 00:00:00: “it broke”", ("a",), 0)
    alert = Alert("1", "High", 60.0, service="a")
    evidence, services, _ = alert_sentence(Row(kept("alerts", {"alerts": [alert]}), ("alerts", 0), alert))
    assert (evidence.claim, services) == ("The alert High at a fires since 00:01:00", ("a",))
    bare = Alert("1", "High", 60.0)
    evidence, services, _ = alert_sentence(Row(kept("alerts", {"alerts": [bare]}), ("alerts", 0), bare))
    assert (evidence.claim, services) == ("The alert High fires since 00:01:00", ())
    answered = Ledger().record(
        LENT,
        "docs",
        {},
        window=None,
        status=Status.OK,
        count=1,
        content={"tool": "find", "lines": ["disk 97 %"]},
    )
    assert lent_sentence(answered, 0).claim == "find of docs answered: “disk 97 %”"


def test_points_are_told_by_their_first_and_last() -> None:
    points = SeriesPoints("k", "heap", "a", "By", (0.0, 60.0, 120.0), (None, 5.0, 7.0))
    assert (
        points_sentence(kept("metrics", points), points).claim
        == "heap of a: 5 at 00:01:00, 7 at 00:02:00, 3 points"
    )
    none = SeriesPoints("k", "heap", "a", "By", (0.0,), (None,))
    assert points_sentence(kept("metrics", none), none).claim == "heap of a: 1 points, none with a value"
