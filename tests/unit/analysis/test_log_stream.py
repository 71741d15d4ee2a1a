from __future__ import annotations

import random

import pytest

from andon.analysis import templates
from andon.analysis.log_comparison import Change, compare
from andon.analysis.log_families import families
from andon.analysis.log_stream import LogStream
from andon.analysis.templates import mine
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Window

BASELINE, INCIDENT = Window(0, 900), Window(900, 1200)
TRACE = (
    "order {n} failed\ncom.shop.StockException: none of {n} left\n\tat com.shop.Stock.take(Stock.java:7)\n"
)


def records() -> list[LogRecord]:
    chance = random.Random(4)
    made = []
    for i in range(1300):
        late = i >= 900
        body = f"request {i} of {chance.choice(['ann', 'bob', 'cem'])} took {chance.randint(1, 50) * (90 if late else 1)}ms"
        made.append(LogRecord(i, INFO, chance.choice(["cart", "mail"]), body))
        if i % 7 == 0:
            made.append(LogRecord(i + 0.5, ERROR, "mail", TRACE.format(n=i)))
        if i > 1000:
            made.append(LogRecord(i + 0.6, INFO, "cart", f"lock {i} refused"))
    return made


def streamed(step: int) -> LogStream:
    made, stream = records(), LogStream(BASELINE, INCIDENT)
    for start in range(0, len(made), step):
        stream.add(Logs.of(made[start : start + step]))
    return stream


@pytest.mark.parametrize("step", [1, 100, 977])
def test_batches_give_what_all_at_once_gives(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(templates, "FOLD_LOOKS", 3)
    logs = Logs.of(records())
    table = mine(logs.bodies)
    stream = streamed(step)
    assert stream.records == len(logs)
    assert stream.overflow == 0
    assert stream.comparison() == compare(logs, table, BASELINE, INCIDENT)
    assert stream.families() == families(logs, table, BASELINE, INCIDENT)


def test_it_can_be_asked_in_between_and_goes_on() -> None:
    made, stream = records(), LogStream(BASELINE, INCIDENT, per_service=False)
    stream.add(Logs.of(made[:1500]))
    stream.comparison()
    stream.families()
    stream.add(Logs.of(made[1500:]))
    found = stream.comparison()
    assert {finding.service for finding in found.findings} == {""}
    assert found == compare(
        Logs.of(made), mine([record.body for record in made]), BASELINE, INCIDENT, per_service=False
    )


def test_changed_parameters_are_told() -> None:
    found = streamed(500).comparison()
    assert {(finding.service, finding.parameter, finding.kind) for finding in found.parameters} == {
        ("cart", "2", "duration"),
        ("mail", "2", "duration"),
    }
    assert found.parameters_tested >= 6
    assert any(finding.kind is Change.NEW and finding.error for finding in found.findings)


def test_nothing_added_nothing_found() -> None:
    stream = LogStream(BASELINE, INCIDENT)
    assert stream.comparison().findings == ()
    assert stream.families().families == ()
