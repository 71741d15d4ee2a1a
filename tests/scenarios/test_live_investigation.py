"""The recorded door incident, its signals behind one connector each: as an investigation of live systems meets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.connectors import Connector, Signal
from andon.connectors.files import FilesSource
from andon.connectors.joined import JoinedSource
from andon.errors import SourceError
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox, record_fetch
from andon.investigation.verification import verify
from andon.storage import Ledger
from andon.telemetry import Alert, Result, Status, Window
from andon.testing import MemoryConnector

BUNDLE = Path(__file__).parents[2] / "examples" / "door-unlock.zip"
QUESTION = Question("Users of the iOS app cannot unlock their car doors remotely.")
PARTS = {
    "prometheus": Signal.METRICS,
    "loki": Signal.LOGS,
    "tempo": Signal.TRACES,
    "cloudtrail": Signal.CHANGES,
    "model": Signal.TOPOLOGY,
}


@pytest.fixture(scope="module")
def held() -> FilesSource:
    return FilesSource.open(BUNDLE)


@pytest.fixture
def parts(held: FilesSource) -> Iterator[dict[str, MemoryConnector]]:
    made = {name: MemoryConnector(name, held, (signal,)) for name, signal in PARTS.items()}
    yield made
    for part in made.values():
        part.session.close()


def asked(
    held: FilesSource, parts: dict[str, MemoryConnector], events: list[str] | None = None
) -> tuple[Report, Ledger]:
    ledger = Ledger()
    whole = held.info().extent
    assert whole is not None
    joined = JoinedSource(tuple[Connector, ...](parts.values()), whole, lambda a: record_fetch(ledger, a).id)
    box = Toolbox((joined,), ledger)
    seen = events if events is not None else []
    return investigate("run", QUESTION, box, (joined.info(),), lambda type_, _: seen.append(type_)), ledger


def leader(report: Report) -> tuple[str, str]:
    return report.hypotheses[0].component, report.hypotheses[0].mechanism


def test_the_first_hypothesis_is_that_of_the_bundle_and_every_claim_holds(held, parts):
    events: list[str] = []
    report, ledger = asked(held, parts, events)
    assert leader(report) == ("rvmIngressIos", "network-rule-removed")
    assert "widened" not in events
    checked, failures = verify(report, ledger)
    assert checked.verified and not failures
    signals = {evidence.signal for evidence in report.hypotheses[0].evidence}
    assert {"metrics", "logs", "changes"} <= signals


def test_every_observation_says_from_which_systems_it_was_drawn(held, parts):
    report, ledger = asked(held, parts)
    for observation in ledger:
        if observation.tool != "fetch":
            assert {ledger[id_].source for id_ in observation.origins} <= set(PARTS)
            assert observation.origins
    rows = {(row.source, row.query): row for row in report.coverage if row.tool == "fetch"}
    assert {source for source, _ in rows} == set(PARTS)
    assert "bytes" in rows["loki", "logs"].note


@pytest.mark.parametrize("lost", ["prometheus", "loki", "tempo", "cloudtrail"])
@pytest.mark.parametrize("status", [Status.FAILED, Status.DENIED])
def test_without_one_system_there_is_a_report_that_says_so(held, parts, lost, status):
    parts[lost].failing[PARTS[lost]] = status
    report, _ = asked(held, parts)
    rows = [row for row in report.coverage if row.tool == "fetch" and row.source == lost]
    assert rows and all(row.status is status and "does not answer" in row.note for row in rows)
    if report.hypotheses and lost != "cloudtrail":
        assert report.hypotheses[0].component == "rvmIngressIos"


def test_without_any_telemetry_nothing_is_claimed(held, parts):
    for name in ("prometheus", "loki", "tempo"):
        parts[name].failing[PARTS[name]] = Status.FAILED
    with pytest.raises(SourceError, match="no source gave a single point"):
        asked(held, parts)


def test_where_the_first_look_does_not_settle_it_the_second_is_wider(held, parts, monkeypatch):
    monkeypatch.setattr("andon.investigation.engine.settled", lambda report: False)
    events: list[str] = []
    report, ledger = asked(held, parts, events)
    assert events.count("widened") == 1
    assert leader(report) == ("rvmIngressIos", "network-rule-removed")
    items = [o.query["items"] for o in ledger if o.tool == "fetch" and o.query["what"] == "logs"]
    assert items == [2_000, 20_000]


def test_a_replay_needs_no_system(held, parts):
    report, ledger = asked(held, parts)
    before = len(ledger)
    replay = investigate(
        "run",
        QUESTION,
        Toolbox((), ledger),
        (JoinedSource(tuple(parts.values()), held.info().extent).info(),),
    )
    assert leader(replay) == leader(report)
    assert len(ledger) == before


def test_an_alert_about_the_symptom_says_when_where_nobody_does(held, parts, monkeypatch):
    whole = held.info().extent
    since = whole.end - 30.0
    firing = Alert("1", "DoorsDown", since, service="ios-app", severity="page")
    watch = MemoryConnector("alertmanager", held, (Signal.ALERTS,))
    monkeypatch.setattr(watch, "alerts", lambda need: Result.of((firing,), 1))
    report, _ = asked(held, parts | {"alertmanager": watch})
    watch.session.close()
    assert leader(report) == ("rvmIngressIos", "network-rule-removed")
    assert any("DoorsDown at ios-app" in note for note in report.notes)
    assert since in report.incident


def test_where_telemetry_does_not_reach_is_told(held, parts):
    ledger = Ledger()
    whole = held.info().extent
    look = Window(whole.start - 100.0, whole.end)
    joined = JoinedSource(tuple[Connector, ...](parts.values()), look, lambda a: record_fetch(ledger, a).id)
    report = investigate("run", QUESTION, Toolbox((joined,), ledger), (joined.info(),))
    notes = {row.query: row.note for row in report.coverage if row.tool == "fetch"}
    assert "nothing before 2026-" in notes["metrics"] and "nothing before" in notes["logs"]
    assert "nothing after" not in notes["metrics"]
