"""Sentences: what a cited row says, whichever it is, also that nothing moved.

Each gives the evidence, the services that it speaks of, and the direction: +1 a rise, -1 a fall, 0 neither.
"""

from __future__ import annotations

from andon.analysis.calls import Tally
from andon.analysis.log_comparison import LogFinding
from andon.analysis.log_families import ErrorFamily
from andon.analysis.series import SeriesChange
from andon.investigation.evidence import (
    as_evidence,
    calls_evidence,
    family_evidence,
    log_evidence,
    plain,
    series_evidence,
)
from andon.investigation.findings import Row
from andon.investigation.report import Evidence
from andon.investigation.tools.lines import LogLine
from andon.investigation.tools.metrics import SeriesPoints
from andon.investigation.verification import Hole, make_claim
from andon.storage import Observation
from andon.telemetry import Alert

__all__ = [
    "alert_sentence",
    "calls_sentence",
    "family_sentence",
    "lent_sentence",
    "line_sentence",
    "log_sentence",
    "points_sentence",
    "series_sentence",
]

Told = tuple[Evidence, tuple[str, ...], int]

_TWICE = 1.5
"""By how much calls must have slowed down for that to be what is told of them."""


def series_sentence(row: Row[SeriesChange]) -> Told:
    """How a series moved, or that it did not."""
    change = row.value
    if change.changed:
        return series_evidence(row), (change.service,), change.direction
    unit = f" {plain(change.unit)}" if change.unit and change.unit != "1" else ""
    holes: dict[str, Hole] = {
        name: (row.observation, "field", {"path": [*row.path, field]}, style)
        for name, field, style in (
            ("name", "name", "text"),
            ("service", "service", "text"),
            ("old", "baseline", "number"),
            ("new", "incident", "number"),
        )
    }
    template = (
        f"{{name}} of {{service}} did not change beyond chance: {{old}} before, {{new}} in the incident{unit}"
    )
    return as_evidence(make_claim(template, holes), "metrics"), (change.service,), 0


def calls_sentence(row: Row[Tally]) -> Told:
    """What changed most about calls: failures, calls without an answer, time, or their number."""
    tally = row.value
    services = tuple(filter(None, (tally.caller, tally.callee)))
    failed = _share(tally.incident_errors, tally.incident_calls)
    failed -= _share(tally.baseline_errors, tally.baseline_calls)
    unanswered = _share(tally.unanswered_incident, tally.incident_calls)
    unanswered -= _share(tally.unanswered_baseline, tally.baseline_calls)
    slower = _share(tally.incident_seconds, tally.incident_calls)
    before = _share(tally.baseline_seconds, tally.baseline_calls)
    if not tally.incident_calls or not tally.baseline_calls:
        return calls_evidence(row, "missing"), services, -1 if not tally.incident_calls else 1
    if unanswered > max(failed, _LITTLE) and tally.callee:
        return calls_evidence(row, "unanswered"), services, 1
    if abs(failed) > _LITTLE or not before:
        return calls_evidence(row, "failures"), services, 1 if failed > 0 else -1 if failed < 0 else 0
    if tally.missing > _CLEAR * max(tally.missing_noise, 1.0) and tally.missing > tally.incident_calls:
        return calls_evidence(row, "missing"), services, -1
    ratio = slower / before
    return calls_evidence(row, "delay"), services, 1 if ratio >= _TWICE else -1 if ratio <= 1 / _TWICE else 0


_CLEAR = 4.0
"""Standard deviations of noise beyond which calls that are missing are what is told, where most of them are."""
_LITTLE = 0.01
"""The share of failed calls below which they are not what is told."""


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def log_sentence(row: Row[LogFinding]) -> Told:
    """How often a template occurs, and how often before."""
    finding = row.value
    direction = {"new": 1, "more": 1, "vanished": -1, "fewer": -1}.get(finding.kind, 0)
    if finding.kind != "same":
        return log_evidence(row), (finding.service,), direction
    holes: dict[str, Hole] = {
        name: (row.observation, "field", {"path": [*row.path, field]}, style)
        for name, field, style in (
            ("service", "service", "text"),
            ("text", "template", "quote"),
            ("n", "incident_count", "count"),
            ("m", "baseline_count", "count"),
        )
    }
    template = "As usual in the log of {service}: {text}, {n} times, {m} before"
    return as_evidence(make_claim(template, holes), "logs"), (finding.service,), 0


def family_sentence(row: Row[ErrorFamily]) -> Told:
    """A kind of error: new, or known before."""
    family = row.value
    if family.new and family.exception:
        return family_evidence(row), family.services, 1
    holes: dict[str, Hole] = {
        name: (row.observation, "field", {"path": [*row.path, *path]}, style)
        for name, path, style in (
            ("services", ["services"], "names"),
            ("text", ["templates", 0], "quote"),
            ("n", ["incident_count"], "count"),
            ("m", ["baseline_count"], "count"),
        )
        if path[0] != "templates" or family.templates
    }
    text = "{text}" if family.templates else "errors"
    template = f"Errors in {{services}}: {text}, {{n}} times, {{m}} before"
    direction = 1 if family.incident_count > family.baseline_count else 0
    return as_evidence(make_claim(template, holes), "logs"), family.services, direction


def line_sentence(row: Row[LogLine]) -> Told:
    """One log line."""
    holes: dict[str, Hole] = {
        name: (row.observation, "field", {"path": [*row.path, field]}, style)
        for name, field, style in (
            ("service", "service", "text"),
            ("at", "time", "clock"),
            ("text", "text", "quote"),
        )
    }
    evidence = as_evidence(make_claim("{service} logged at {at}: {text}", holes), "logs")
    return evidence, (row.value.service,), 0


def alert_sentence(row: Row[Alert]) -> Told:
    """An alert, and since when it fires."""
    alert = row.value
    holes: dict[str, Hole] = {
        "name": (row.observation, "field", {"path": [*row.path, "name"]}, "text"),
        "at": (row.observation, "field", {"path": [*row.path, "start"]}, "clock"),
    }
    template = "The alert {name} fires since {at}"
    if alert.service:
        template = "The alert {name} at {service} fires since {at}"
        holes["service"] = row.observation, "field", {"path": [*row.path, "service"]}, "text"
    return as_evidence(make_claim(template, holes), "alerts"), tuple(filter(None, (alert.service,))), 0


def points_sentence(observation: Observation, points: SeriesPoints) -> Evidence:
    """How many points a series has, and its first and last."""
    known = [i for i, value in enumerate(points.values) if value is not None]
    holes: dict[str, Hole] = {
        "name": (observation, "field", {"path": ["name"]}, "text"),
        "service": (observation, "field", {"path": ["service"]}, "text"),
        "n": (observation, "length", {"path": ["times"]}, "count"),
    }
    if not known:
        return as_evidence(make_claim("{name} of {service}: {n} points, none with a value", holes), "metrics")
    for hole, place in (("first", known[0]), ("last", known[-1])):
        holes[hole] = observation, "field", {"path": ["values", place]}, "number"
        holes[f"{hole}_at"] = observation, "field", {"path": ["times", place]}, "clock"
    template = "{name} of {service}: {first} at {first_at}, {last} at {last_at}, {n} points"
    return as_evidence(make_claim(template, holes), "metrics")


def lent_sentence(observation: Observation, number: int) -> Evidence:
    """A line of what a tool of another program answered."""
    holes: dict[str, Hole] = {
        "tool": (observation, "field", {"path": ["tool"]}, "text"),
        "text": (observation, "field", {"path": ["lines", number]}, "quote"),
    }
    template = f"{{tool}} of {plain(observation.source)} answered: {{text}}"
    return as_evidence(make_claim(template, holes), "tools")
