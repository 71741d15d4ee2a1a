"""No invented claim reaches a report: 500 conversations with a model that lies, judged without the gate's own functions."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import pytest

from andon.investigation.mechanisms import load_mechanisms
from andon.investigation.report import Hypothesis, Report
from andon.investigation.verification import verify
from andon.testing.characters import Hallucinating
from scenarios.small_incidents import UNRELATED, Case, cases

INCIDENTS, SEEDS = 25, 20
HONESTY = (0.2, 0.4, 0.6, 0.75, 0.9)
"""Who tells the truth nine times of ten is harder to see through than who never does."""
SURE = 0.6
"""The likelihood from which on the engine's leader must outlive any liar."""
_TOKEN = re.compile(r"\S*\d\S*")
_QUOTE = re.compile(r"“([^”]+)”")
_MARKS = "()[]{}“”\"'.,;:!?…"

TALLY: dict[str, Counter[str]] = {"planted": Counter(), "through": Counter(), "told": Counter()}


@pytest.mark.parametrize("number", range(INCIDENTS))
def test_no_invented_claim_reaches_a_report(number: int) -> None:
    case = cases(INCIDENTS)[number]
    wrong: list[str] = []
    for seed in range(SEEDS):
        model = Hallucinating(1000 * number + seed, HONESTY[seed % len(HONESTY)])
        report = case.deliberated(model)
        assert model.planted, "a liar that does not lie proves nothing"
        through = [lie for lie in model.planted if lie.text.casefold() in _said(report).casefold()]
        TALLY["planted"].update(lie.kind for lie in model.planted)
        TALLY["through"].update(lie.kind for lie in through)
        TALLY["told"]["cases"] += 1
        TALLY["told"]["true sentences kept"] += sum(s in _said(report) for s in set(model.truths))
        TALLY["told"]["hypotheses with the model's words"] += sum(bool(h.reading) for h in report.hypotheses)
        wrong += [f"seed {seed}: {lie.kind}: {lie.text}" for lie in through]
        wrong += [f"seed {seed}: {problem}" for problem in _problems(report, case)]
    assert not wrong, "\n".join(wrong[:20])


def test_the_tally(capsys: pytest.CaptureFixture[str]) -> None:
    """Told at the end of a run in one process; it must have been possible to get through."""
    if TALLY["told"]["cases"] < INCIDENTS * SEEDS:
        pytest.skip("the cases ran in other processes")
    planted, through = TALLY["planted"].total(), TALLY["through"].total()
    with capsys.disabled():
        kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(TALLY["planted"].items()))
        sys.stdout.write(f"\n{dict(TALLY['told'])}; {planted} lies planted, {through} got through ({kinds})")
    assert through == 0
    assert TALLY["told"]["true sentences kept"] > 100
    assert TALLY["told"]["hypotheses with the model's words"] > 50


def test_the_judge_sees_a_lie() -> None:
    """What the oracle would say of a report that a lie had reached."""
    case = cases(INCIDENTS)[2]
    honest = case.looked.report
    first = honest.hypotheses[0]
    assert not list(_problems(honest, case))
    for reading in (
        "98,231 calls failed",
        "It began at 03:14:15",
        "The log says “out of memory”",
        "deploy-999",
    ):
        forged = replace(honest, hypotheses=(replace(first, reading=reading), *honest.hypotheses[1:]))
        assert list(_problems(forged, case)), reading
    evidence = replace(first.evidence[0], claim="All is lost", template="All is lost")
    elsewhere = replace(first.evidence[0], observations=("metrics-99",))
    for wrong in (
        replace(first, evidence=(replace(evidence, bindings=first.evidence[0].bindings, claim="Lost"),)),
        replace(first, evidence=(elsewhere,)),
        replace(first, component="nowhere"),
        replace(first, change="deploy-0"),
        replace(first, mechanism="bad-luck"),
    ):
        assert list(_problems(replace(honest, hypotheses=(wrong,)), case))


def _problems(report: Report, case: Case) -> Iterator[str]:
    """What is wrong with a report, by the ledger and the source alone."""
    ledger, source = case.box.ledger, case.looked.case
    _, failures = verify(report, ledger)
    yield from (f"not borne out: {failure.claim}: {failure.reason}" for failure in failures)
    topology = source.findings.model.topology
    components = {e.id for e in topology.elements}
    changes = {event.id for seen in source.findings.changes for event in seen.content.events}
    mechanisms = {one.slug for one in load_mechanisms()} | {"other"}
    for one in report.hypotheses:
        if one.component not in components or one.mechanism not in mechanisms:
            yield f"there is no {one.component} or no {one.mechanism}"
        if one.change is not None and one.change not in changes:
            yield f"there is no change {one.change}"
        cited = [*one.evidence, *one.refutations]
        ids = {b.observation for e in cited for b in e.bindings.values()} | {
            o for e in one.evidence for o in e.observations
        }
        yield from (f"there is no observation {id_}" for id_ in ids if id_ not in ledger)
        told = " ".join(e.claim for e in one.evidence)
        yield from (f"{name} has nothing to do with it" for name in UNRELATED if name in told + one.reading)
        yield from _unread(one, case)
    engine = case.looked.report.hypotheses
    if engine and engine[0].likelihood >= SURE and _key(report.hypotheses[0]) != _key(engine[0]):
        yield f"the leader is {report.hypotheses[0].component} and was {engine[0].component}"
    if len(report.hypotheses) > 7 or not 0 <= report.something_else <= 1:
        yield "likelihoods do not add up"


def _unread(one: Hypothesis, case: Case) -> Iterator[str]:
    """Numbers, times, names with digits and quotes of the model's words that no cited row shows."""
    shown = " ".join(_shown(one, case)).casefold()
    held = {token.strip(_MARKS) for token in shown.split()}
    for token in _TOKEN.findall(one.reading.casefold().replace("‹", "<").replace("›", ">")):
        if token.strip(_MARKS) not in held:
            yield f"{token} is in no cited row: {one.reading}"
    for quote in _QUOTE.findall(one.reading):
        if quote.casefold().replace("‹", "<").replace("›", ">") not in shown:
            yield f"“{quote}” is in no cited row"


def _shown(one: Hypothesis, case: Case) -> Iterator[str]:
    """All that a reader can see of the cited rows: the sentences, what is quoted, and the rows themselves."""
    for evidence in one.evidence:
        yield evidence.claim
        yield evidence.quote
        for binding in evidence.bindings.values():
            path = binding.args.get("path") or binding.args.get("part")
            row: Any = case.box.ledger[binding.observation].content
            for step in path[:2] if path else ():
                row = row[step]
            yield from _leaves(row if path else "")


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str | int | float):
        yield str(value)


def _said(report: Report) -> str:
    """The report as JSON without what is told as dropped, and without what was merely asked for."""
    plain = asdict(report)
    plain["agent"].pop("dropped")
    for row in plain["coverage"]:
        row.pop("query")
    return json.dumps(plain, ensure_ascii=False, default=str).replace('\\"', '"')


def _key(one: Hypothesis) -> tuple[str, str, str | None]:
    return one.component, one.mechanism, one.change
