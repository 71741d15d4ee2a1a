from __future__ import annotations

from functools import cache

import pytest

from andon.investigation.departures import clearness, own_departures
from andon.investigation.findings import Findings, Model, Seen, gather
from andon.investigation.report import Symptom, SymptomKind
from andon.investigation.toolbox import content
from andon.investigation.tools import architecture
from andon.investigation.tools.architecture import Architecture
from andon.investigation.tools.instruments import Check
from andon.investigation.windows import Windows
from andon.telemetry import Window
from unit.investigation.plant import ONSET, SECONDS, START, box

WHOLE = Window(START, START + SECONDS)


@cache
def findings(trouble: str) -> Findings:
    tools = box(trouble)
    model = Model(tuple(Seen(o, content(o, Architecture)) for o in architecture.describe(tools, WHOLE)))
    symptom = Symptom(SymptomKind.UNKNOWN, ("CO-6",), ("Consumer",), ())
    windows = Windows(Window(START + ONSET, WHOLE.end), Window(START, START + ONSET), "the test says so")
    return gather(tools, model, symptom, windows, WHOLE)


@pytest.mark.parametrize(
    ("trouble", "where", "check"),
    [
        ("stiction", "VA-4", Check.TRACKING),
        ("drift", "ME-5", Check.METER),
        ("clogged", "ST-2", Check.RESISTANCE),
        ("bearing", "PU-3", Check.READING),
        ("target", "ME-5", Check.READING),
    ],
)
def test_only_what_the_common_flow_does_not_explain_departs(trouble: str, where: str, check: Check) -> None:
    found = own_departures(findings(trouble))
    assert {row.value.change.service for row in found} == {where}
    assert check in {row.value.check for row in found}
    assert all(0 < clearness(row) <= 1 for row in found)


def test_nothing_departs_in_a_quiet_plant() -> None:
    assert own_departures(findings("")) == ()
