"""Disproof: what would show that a hypothesis is wrong, run by code and kept whichever way it ends."""

from __future__ import annotations

from collections.abc import Iterator

from andon.analysis.series import SeriesChange
from andon.investigation.agent.desk import Desk, Tried, as_data
from andon.investigation.evidence import plain
from andon.investigation.findings import Row
from andon.investigation.mechanisms import Mechanism, mechanism
from andon.investigation.refutation import ATTEMPTS
from andon.investigation.report import Refutation
from andon.investigation.suspects import Suspect, suspect_for
from andon.investigation.verification import Hole, make_claim
from andon.telemetry import ChangeEvent

__all__ = ["OTHER", "TESTS", "change_row", "disprove", "meant"]

TESTS = (*ATTEMPTS, "signal")
"""What may be tried: the engine's attempts, and whether a signal that must have moved did."""

OTHER = Mechanism(
    slug="other",
    title="A cause that the catalogue does not hold",
    statement="something happened that no known mechanism describes",
    changes=(),
    signs=(),
    needs=frozenset(),
    remedy="Read the evidence; undo what changed last at the component.",
    check="andon show --json | head",
)


def disprove(
    desk: Desk, component: str, kind: str, change: str, test: str, where: str = "", contains: str = ""
) -> str:
    """Runs one test against a hypothesis, and tells how it ended.

    `test` is one of TESTS; for `signal`, `where` and `contains` name the component and a part of the name of the
    series or log line that must have moved if the hypothesis holds.
    """
    suspect = meant(desk, component, kind, change)
    if isinstance(suspect, str):
        return suspect
    if test not in TESTS:
        return f"there is no test {test[:40]!r}; known are {', '.join(TESTS)}"
    if test == "signal":
        found = _signal(desk, where or component, contains)
    else:
        attempt = ATTEMPTS[test](suspect, desk.case.findings, desk.case.location)
        found = attempt or f"{test} cannot be tried here: it needs a change or calls that were seen"
    if isinstance(found, str):
        return found
    desk.tried.append(Tried(suspect.key, found))
    verdict = "the hypothesis stands" if found.survived else "this speaks against the hypothesis"
    return f"<data>\n{as_data(f'{found.attempt} {found.outcome}')}\n</data>\n{verdict}"


def meant(desk: Desk, component: str, kind: str, change: str) -> Suspect | str:
    """The suspect that a model means, or what is wrong with its words."""
    element = desk.element(component)
    if element is None:
        return desk.unknown(component)
    if {element, desk.case.findings.model.name(element)} & set(desk.stated.exclude):
        return f"{as_data(element, 80)} is not to be named: the engineer ruled it out"
    row = change_row(desk, change) if change else None
    if change and row is None:
        return f"there is no change with the id {change[:80]!r}; the tool changes lists them"
    if row and {row.value.id, row.value.commit} & set(desk.stated.cleared):
        return f"{change[:80]!r} is not to be named: the engineer says that it was harmless"
    kind = kind.strip().casefold()
    try:
        named = OTHER if kind == OTHER.slug else mechanism(kind)
    except KeyError:
        return f"there is no mechanism {kind[:60]!r}; take one of the list, or other"
    return suspect_for(desk.case.findings, desk.case.location, element, named, row)


def change_row(desk: Desk, change: str) -> Row[ChangeEvent] | None:
    """The change event of an id or a commit, if it was seen and not refused."""
    wanted = change.strip()
    for row in desk.case.findings.events:
        if wanted and wanted in (row.value.id, row.value.commit) and not row.value.error:
            return row
    return None


def _signal(desk: Desk, where: str, contains: str) -> Refutation | str:
    """Did a signal move that must have moved?"""
    element = desk.element(where)
    if element is None:
        return desk.unknown(where)
    if not contains.strip():
        return "name a part of the series or log line that must have moved, with contains"
    findings, wanted = desk.case.findings, contains.strip().casefold()
    services, name = set(desk.services(element)), plain(findings.model.name(element))
    attempt = f"Did {contains.strip()[:60]} move at {findings.model.name(element)}, as it must have?"
    moved = [r for r in findings.series if r.value.service in services and wanted in r.value.name.casefold()]
    said = [
        r for r in findings.templates if r.value.service in services and wanted in r.value.template.casefold()
    ]
    holes: dict[str, Hole]
    if moved:
        row = moved[0]
        holes = {"what": (row.observation, "field", {"path": [*row.path, "name"]}, "text")}
        return _refutation(attempt, f"yes: {{what}} of {name} moved", holes, survived=True)
    if said:
        line = said[0]
        holes = {"what": (line.observation, "field", {"path": [*line.path, "template"]}, "quote")}
        return _refutation(
            attempt, f"yes: {{what}} in the log of {name} is not as before", holes, survived=True
        )
    steady = next(_steady(desk, services, wanted), None)
    if steady is None:
        return f"nothing at {desk.case.findings.model.name(element)} is called that, so nothing is shown either way"
    holes = {"what": (steady.observation, "field", {"path": [*steady.path, "name"]}, "text")}
    return _refutation(attempt, f"no: {{what}} of {name} did not move beyond chance", holes, survived=False)


def _steady(desk: Desk, services: set[str], wanted: str) -> Iterator[Row[SeriesChange]]:
    """Series of that name that did not change."""
    for seen in desk.case.findings.metrics:
        for number, one in enumerate(seen.content.series):
            if not one.changed and one.service in services and wanted in one.name.casefold():
                yield Row(seen.observation, ("series", number), one)


def _refutation(attempt: str, template: str, holes: dict[str, Hole], *, survived: bool) -> Refutation:
    claim = make_claim(template, holes)
    return Refutation(attempt, claim.text, survived, claim.template, dict(claim.bindings))
