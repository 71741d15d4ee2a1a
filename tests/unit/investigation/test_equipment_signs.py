from __future__ import annotations

from functools import cache

import pytest

from andon.investigation.mechanisms import load_mechanisms
from andon.investigation.report import Report
from unit.investigation.plant import report


@cache
def told(trouble: str) -> Report:
    return report(trouble)


@pytest.mark.parametrize(
    ("trouble", "component", "mechanism"),
    [
        ("stiction", "VA-4", "valve-stiction"),
        ("drift", "ME-5", "sensor-drift"),
        ("clogged", "ST-2", "filter-clogging"),
        ("bearing", "PU-3", "bearing-wear"),
    ],
)
def test_each_trouble_is_named_where_it_is(trouble: str, component: str, mechanism: str) -> None:
    first = told(trouble).hypotheses[0]
    assert (first.component, first.mechanism) == (component, mechanism)
    assert first.path[0] == component
    assert first.path[-1] == "CO-6"
    assert first.evidence


def test_a_set_point_that_stepped_is_laid_to_the_work_order() -> None:
    first = told("target").hypotheses[0]
    assert (first.component, first.mechanism, first.change) == ("ME-5", "wrong-set-point", "WO-1")


def test_every_claim_is_borne_out_by_what_was_observed() -> None:
    assert all(told(trouble).dropped_claims == () for trouble in ("stiction", "drift", "target"))


def test_a_quiet_plant_is_cleared() -> None:
    assert told("").hypotheses == ()
    assert not told("").symptom.abnormal


def test_equipment_does_not_fail_as_software_does() -> None:
    plant = {m.slug for m in load_mechanisms() if m.realm == "plant"}
    assert all(h.mechanism in plant for t in ("stiction", "clogged") for h in told(t).hypotheses)
