"""The instruments tool: readings of a plant, alone and together."""

from __future__ import annotations

import numpy as np

from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools import instruments
from andon.investigation.tools.instruments import Check, InstrumentChanges
from andon.investigation.tools.metrics import SeriesTurns
from andon.storage import Ledger
from andon.telemetry import MetricSeries, Window
from andon.testing import MemorySource

TIMES = np.arange(200.0)
LATE = TIMES >= 120
COMMAND = 50 + np.sin(TIMES)
SERIES = (
    MetricSeries("valve.command", "V-1", TIMES, COMMAND, "%"),
    MetricSeries("valve.position", "V-1", TIMES, np.where(LATE, 50.0 + 9 * np.cos(TIMES), COMMAND), "%"),
    MetricSeries("process.memory.usage", "api", TIMES, TIMES, "By"),
)


def box() -> Toolbox:
    return Toolbox([MemorySource(series=SERIES)], Ledger())


def test_readings_unsteadiness_and_tracking_of_the_equipment_are_compared() -> None:
    (seen,) = instruments.compare(box(), Window(0, 120), Window(120, 200), [["V-1"]])
    changes = content(seen, InstrumentChanges).changes
    assert {c.change.service for c in changes} == {"V-1"}
    (tracked,) = [c for c in changes if c.check is Check.TRACKING]
    assert tracked.of == "valve.position"
    assert tracked.change.direction > 0
    assert {c.of for c in changes if c.check is Check.UNSTEADINESS} == {"valve.command", "valve.position"}


def test_the_survey_dates_the_turn() -> None:
    (seen,) = instruments.survey(box(), Window(0, 200), [["V-1"]])
    sharpest = max(content(seen, SeriesTurns).turns, key=lambda turn: turn.score)
    assert sharpest.service == "V-1"
    assert abs(sharpest.onset - 120) <= 10


def test_nothing_is_asked_without_equipment() -> None:
    tools = box()
    assert instruments.compare(tools, Window(0, 120), Window(120, 200), ()) == ()
    assert instruments.survey(tools, Window(0, 200), ()) == ()
    assert len(tools.ledger) == 0
