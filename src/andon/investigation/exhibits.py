"""Exhibits: what the pictures of a report are drawn from, taken from observations alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from andon.analysis.log_comparison import Change, LogFinding
from andon.analysis.series import SeriesChange
from andon.investigation.findings import Findings, Row
from andon.investigation.location import Location
from andon.investigation.report import Chart, Exhibits, MapEdge, MapNode, Moment, TemplateRow
from andon.investigation.suspects import Suspect
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools import metrics
from andon.investigation.tools.metrics import SeriesPoints
from andon.telemetry import ElementKind, Window

__all__ = ["collect"]

_CHARTS = 4
"""Charts of a report: those that one looks at."""
_TEMPLATES = 12
"""Rows of the log diff: a screenful."""
_EVENTS = 40
"""Entries of the timeline: more cannot be told apart on it."""
_PLAIN_KINDS = (
    ElementKind.DEPLOYMENT_NODE,
    ElementKind.CONTAINER_INSTANCE,
    ElementKind.SOFTWARE_SYSTEM_INSTANCE,
)
_BAD_SHARE = 0.05
"""The share of the symptom from which on an element is drawn as bad: what narration names, too."""


def collect(
    box: Toolbox, findings: Findings, location: Location, suspects: Sequence[Suspect], path: tuple[str, ...]
) -> Exhibits:
    """The map, the timeline, the decisive series, the log diff."""
    leader = suspects[0] if suspects else None
    return Exhibits(
        nodes=tuple(_nodes(findings, location, leader, path)),
        edges=tuple(_edges(findings, location)),
        timeline=tuple(sorted(_moments(findings, suspects), key=lambda m: m.time)),
        charts=tuple(_charts(box, findings, leader, path)),
        templates=tuple(_template(row) for row in findings.templates[:_TEMPLATES]),
    )


def _nodes(
    findings: Findings, location: Location, leader: Suspect | None, path: tuple[str, ...]
) -> Iterator[MapNode]:
    topology = findings.model.topology
    joined = {e for r in topology.relationships for e in (r.source, r.destination)}
    for element in topology.elements:
        infrastructure = element.kind is ElementKind.INFRASTRUCTURE_NODE
        if element.kind in _PLAIN_KINDS or (
            infrastructure and (leader is None or leader.element != element.id)
        ):
            continue
        if element.id not in joined and element.id not in findings.model.services_of and not infrastructure:
            continue
        yield MapNode(
            element.id,
            element.name,
            element.kind,
            _state(element.id, findings, location, leader, path),
            element.technology,
        )


def _state(
    element: str, findings: Findings, location: Location, leader: Suspect | None, path: tuple[str, ...]
) -> str:
    if leader is not None and element == leader.element:
        return "cause"
    if element in findings.symptom.components:
        return "symptom"
    if element in path or location.own(element) > _BAD_SHARE:
        return "affected"
    return "ok" if element in findings.model.services_of else "unseen"


def _edges(findings: Findings, location: Location) -> Iterator[MapEdge]:
    topology = findings.model.topology
    shares = {(s.caller, s.element): s.share for s in location.shares if s.caller}
    hidden = {e.id for e in topology.elements if e.kind in _PLAIN_KINDS}
    drawn = set()
    for r in topology.relationships:
        pair = r.source, r.destination
        if pair in drawn or hidden & set(pair):
            continue
        drawn.add(pair)
        if shares.get(pair, 0.0) > _BAD_SHARE:
            state = "slow" if location.quantity == "delay" else "broken"
        elif not r.declared:
            state = "observed-only"
        else:
            state = "declared-only" if r.calls == 0 else "ok"
        yield MapEdge(*pair, state, r.technology)


def _moments(findings: Findings, suspects: Sequence[Suspect]) -> Iterator[Moment]:
    suspected = {s.change.value.id for s in suspects[:3] if s.change is not None}
    span = Window(findings.windows.baseline.start, findings.windows.incident.end)
    recent = [row for row in findings.events if row.value.time in span or row.value.id in suspected]
    for row in recent[-_EVENTS:]:
        event = row.value
        text = f"{event.action} on {event.target}" if event.target else event.action
        yield Moment(event.time, "change", text, event.target, row.observation.id, event.id in suspected)
    if findings.symptom.onset is not None:
        names = ", ".join(findings.symptom.names) or "the system"
        yield Moment(
            findings.symptom.onset,
            "symptom",
            f"trouble begins at {names}",
            names,
            findings.windows.observation,
        )
    for series in sorted(findings.series, key=lambda r: -abs(r.value.z))[:8]:
        if series.value.onset is not None:
            text = f"{series.value.name} of {series.value.service} changes"
            yield Moment(series.value.onset, "onset", text, series.value.service, series.observation.id)
    for log in [row for row in findings.templates if row.value.kind is Change.NEW and row.value.error][:5]:
        if log.value.first_seen is not None:
            yield Moment(
                log.value.first_seen, "log", log.value.template, log.value.service, log.observation.id
            )


def _charts(
    box: Toolbox, findings: Findings, leader: Suspect | None, path: tuple[str, ...]
) -> Iterator[Chart]:
    span = Window(findings.windows.baseline.start, findings.windows.incident.end)
    for row in decisive(findings, leader, path)[:_CHARTS]:
        observation = metrics.points(box, row.observation.source, row.value.key, span)
        if observation.content is None:
            continue
        points = content(observation, SeriesPoints)
        yield Chart(
            f"{points.name} of {points.service}",
            points.unit,
            points.times,
            points.values,
            observation.id,
            row.value.onset,
            points.service,
        )


def decisive(findings: Findings, leader: Suspect | None, path: tuple[str, ...]) -> list[Row[SeriesChange]]:
    """Series that changed on the way from cause to symptom, the clearest first, one of a name and service."""
    near = {*path, *findings.symptom.components, *(leader.reach if leader else ())}
    found: dict[tuple[str, str], Row[SeriesChange]] = {}
    for row in sorted(findings.series, key=lambda r: -max(abs(r.value.z), abs(r.value.peak_z) / 2)):
        if findings.element(row.value.service) in near:
            found.setdefault((row.value.service, row.value.name), row)
    return list(found.values())


def _template(row: Row[LogFinding]) -> TemplateRow:
    found = row.value
    return TemplateRow(
        service=found.service,
        template=found.template,
        change=found.kind,
        baseline=found.baseline_count,
        incident=found.incident_count,
        baseline_rate=found.baseline_rate * 60,
        incident_rate=found.incident_rate * 60,
        first_seen=found.first_seen,
        q=found.q_value,
        error=found.error,
        sample=found.samples[0].text if found.samples else "",
        observation=row.observation.id,
    )
