from __future__ import annotations

from dataclasses import replace

import pytest

from andon.investigation.report import Evidence, Report
from andon.investigation.verification import check_evidence, make_claim, verify
from andon.storage import Ledger, Observation
from andon.telemetry import Status
from unit.investigation.incident import ask, source


def record(ledger: Ledger, content: object) -> Observation:
    return ledger.record(
        "logs", "prod", {"c": content}, window=None, status=Status.OK, count=1, content=content
    )


def evidence(observation: Observation, path: tuple[str | int, ...] = ("n",)) -> Evidence:
    claim = make_claim("{n} records", {"n": (observation, "field", {"path": list(path)}, "count")})
    return Evidence(claim.text, True, claim.observations, "logs", claim.template, dict(claim.bindings))


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def honest(ledger: Ledger) -> Evidence:
    return evidence(record(ledger, {"n": 1200}))


def test_an_honest_claim_is_kept(ledger: Ledger, honest: Evidence) -> None:
    assert honest.claim == "1,200 records"
    assert honest.observations == ("logs-1",)
    assert check_evidence(honest, ledger) is None


def test_a_tampered_observation_bears_nothing_out(ledger: Ledger, honest: Evidence) -> None:
    ledger["logs-1"].content["unrelated"] = True
    failure = check_evidence(honest, ledger)
    assert failure is not None
    assert "logs-1" in failure.reason
    assert failure.claim == honest.claim


def test_an_altered_sentence_is_dropped(ledger: Ledger, honest: Evidence) -> None:
    assert check_evidence(replace(honest, claim="1,300 records"), ledger) is not None


def test_an_altered_template_is_dropped(ledger: Ledger, honest: Evidence) -> None:
    assert check_evidence(replace(honest, template="{n} records, all of them errors"), ledger) is not None


def test_an_altered_value_is_dropped_though_the_sentence_agrees(ledger: Ledger, honest: Evidence) -> None:
    lie = replace(honest.bindings["n"], text="9")
    failure = check_evidence(replace(honest, claim="9 records", bindings={"n": lie}), ledger)
    assert failure is not None
    assert "1,200" in failure.reason


def test_a_binding_to_another_observation_is_dropped(ledger: Ledger, honest: Evidence) -> None:
    record(ledger, {"n": 7})
    moved = {"n": replace(honest.bindings["n"], observation="logs-2")}
    assert check_evidence(replace(honest, bindings=moved), ledger) is not None


def test_a_binding_to_an_equal_value_elsewhere_must_be_cited(ledger: Ledger, honest: Evidence) -> None:
    record(ledger, {"n": 1200, "else": 1})
    moved = {"n": replace(honest.bindings["n"], observation="logs-2")}
    assert check_evidence(replace(honest, bindings=moved), ledger) is not None
    cited = replace(honest, bindings=moved, observations=("logs-2",))
    assert check_evidence(cited, ledger) is None


def test_an_invented_observation_is_dropped(ledger: Ledger, honest: Evidence) -> None:
    invented = {"n": replace(honest.bindings["n"], observation="logs-99")}
    assert check_evidence(replace(honest, bindings=invented, observations=("logs-99",)), ledger) is not None


@pytest.mark.parametrize(
    "change", [{"recipe": "eval"}, {"args": {"path": ["x"]}}, {"args": {}}, {"style": "shout"}]
)
def test_what_cannot_be_computed_is_dropped(
    ledger: Ledger, honest: Evidence, change: dict[str, object]
) -> None:
    broken = {"n": replace(honest.bindings["n"], **change)}
    assert check_evidence(replace(honest, bindings=broken), ledger) is not None


def told() -> tuple[Report, Ledger]:
    return ask(source())


def test_a_report_loses_the_claims_of_a_tampered_observation_and_keeps_the_others() -> None:
    report, ledger = told()
    every = [e for h in report.hypotheses for e in h.evidence]
    spoilt = next(o.id for o in ledger if o.tool == "logs" and any(o.id in e.observations for e in every))
    ledger[spoilt].content["forged"] = True
    checked, failures = verify(report, ledger)
    kept = [e for h in checked.hypotheses for e in h.evidence]
    assert kept == [e for e in every if spoilt not in e.observations]
    assert not checked.verified
    assert {failure.claim for failure in failures} <= set(checked.dropped_claims)
    assert len(failures) >= len(every) - len(kept)
    assert not [row for row in checked.exhibits.templates if row.observation == spoilt]


def test_an_honest_report_stays_as_it_is() -> None:
    report, ledger = told()
    checked, failures = verify(report, ledger)
    assert (checked, failures) == (report, ())
    assert checked.checked_claims > 0
