"""Evidence: sentences about rows of observations, each computed from the row it speaks of."""

from __future__ import annotations

from andon.analysis.calls import Tally
from andon.analysis.log_comparison import LogFinding
from andon.analysis.log_families import ErrorFamily
from andon.analysis.series import SeriesChange
from andon.investigation.claims import Claim
from andon.investigation.findings import Findings, Row
from andon.investigation.location import Location, Share
from andon.investigation.report import Evidence
from andon.investigation.verification import Hole, make_claim
from andon.telemetry import ChangeEvent

__all__ = [
    "as_evidence",
    "calls_evidence",
    "change_evidence",
    "family_evidence",
    "log_evidence",
    "plain",
    "series_evidence",
    "share_evidence",
]


def plain(text: str) -> str:
    """A name as literal text of a template."""
    return text.replace("{", "{{").replace("}", "}}")


def as_evidence(claim: Claim, signal: str, *, supports: bool = True, quote: str = "") -> Evidence:
    """A claim as a piece of evidence."""
    return Evidence(
        claim=claim.text,
        supports=supports,
        observations=claim.observations,
        signal=signal,
        template=claim.template,
        bindings=dict(claim.bindings),
        quote=quote,
    )


def change_evidence(row: Row[ChangeEvent]) -> Evidence:
    """That the change happened: what, to what, by whom, when."""
    holes: dict[str, Hole] = {
        name: (row.observation, "field", {"path": [*row.path, field]}, style)
        for name, field, style in (
            ("action", "action", "text"),
            ("target", "target", "text"),
            ("at", "time", "clock"),
        )
    }
    if not row.value.target:
        del holes["target"]
        holes["id"] = row.observation, "field", {"path": [*row.path, "id"]}, "text"
    template = "{action} on {target} at {at}" if row.value.target else "{action} {id} at {at}"
    if row.value.actor:
        template += " by {actor}"
        holes["actor"] = row.observation, "field", {"path": [*row.path, "actor"]}, "text"
    if row.value.summary and not row.value.summary.startswith(row.value.action):
        template += ": {summary}"
        holes["summary"] = row.observation, "field", {"path": [*row.path, "summary"]}, "quote"
    return as_evidence(make_claim(template, holes), "changes")


def share_evidence(share: Share, location: Location, findings: Findings) -> Evidence:
    """How much of the symptom the place adds."""
    where = plain(findings.model.name(share.element))
    place = (
        f"Calls from {plain(findings.model.name(share.caller))} to {where} add"
        if share.caller
        else f"{where} adds"
    )
    what = {"delay": "added delay", "failures": "added failures", "missing": "missing calls"}.get(
        location.quantity, "deviation"
    )
    felt = plain(", ".join(findings.symptom.names) or "the entry points")
    claim = make_claim(
        f"{place} {{share}} of the {what} felt at {felt}",
        {"share": (share.observation, share.recipe, share.args, "percent")},
    )
    return as_evidence(claim, "traces" if share.recipe == "share" else "metrics")


def calls_evidence(row: Row[Tally], measure: str) -> Evidence:
    """How calls at a node or link changed; `measure` is failures, unanswered, delay or missing."""
    tally = row.value
    where = (
        f"Calls from {plain(tally.caller)} to {plain(tally.callee)}" if tally.callee else plain(tally.caller)
    )

    def cell(field: str, style: str = "count") -> Hole:
        return row.observation, "field", {"path": [*row.path, field]}, style

    def rate(part: str, whole: str, style: str) -> Hole:
        return row.observation, "ratio", {"part": [*row.path, part], "whole": [*row.path, whole]}, style

    holes = {"n": cell("incident_calls"), "m": cell("baseline_calls")}
    if measure == "delay":
        template = f"{where}: {{new}} on average over {{n}} calls, {{old}} before"
        holes = {"n": holes["n"]}
        holes |= {
            "new": rate("incident_seconds", "incident_calls", "duration"),
            "old": rate("baseline_seconds", "baseline_calls", "duration"),
        }
    elif measure == "missing":
        template = f"{where}: {{n}} calls in the incident, {{m}} in the baseline"
    else:
        template, part = {
            "failures": (f"{where}: {{new}} of {{n}} failed, {{old}} of {{m}} before", "errors"),
            "unanswered": (
                f"{where}: {{new}} of {{n}} left no trace at the callee, {{old}} of {{m}} before",
                "unanswered",
            ),
        }[measure]
        names = (
            ("incident_errors", "baseline_errors")
            if part == "errors"
            else ("unanswered_incident", "unanswered_baseline")
        )
        holes |= {"new": cell(names[0]), "old": cell(names[1])}
    return as_evidence(make_claim(template, holes), "traces")


def log_evidence(row: Row[LogFinding]) -> Evidence:
    """That a template is new, vanished, more or fewer, with a sample."""
    change = row.value

    def cell(field: str, style: str) -> Hole:
        return row.observation, "field", {"path": [*row.path, field]}, style

    template = {
        "new": "New in the log of {service} since {first}: {text}, {n} times, never before",
        "vanished": "Vanished from the log of {service}: {text}, {m} times before",
        "more": "More often in the log of {service}: {text}, {n} times, {m} before",
        "fewer": "Less often in the log of {service}: {text}, {n} times, {m} before",
    }[change.kind]
    holes = {
        "service": cell("service", "text"),
        "text": cell("template", "quote"),
        "n": cell("incident_count", "count"),
        "m": cell("baseline_count", "count"),
        "first": cell("first_seen", "clock"),
    }
    used = {name: hole for name, hole in holes.items() if "{" + name + "}" in template}
    quote = change.samples[0].text if change.samples else ""
    return as_evidence(make_claim(template, used), "logs", quote=quote)


def family_evidence(row: Row[ErrorFamily]) -> Evidence:
    """That a kind of error is new: its exception, how often and since when, with a stack trace."""
    holes: dict[str, Hole] = {
        name: (row.observation, "field", {"path": [*row.path, field]}, style)
        for name, field, style in (
            ("exception", "exception", "text"),
            ("services", "services", "names"),
            ("n", "incident_count", "count"),
            ("first", "first_seen", "clock"),
        )
    }
    template = "New kind of error in {services} since {first}: {exception}, {n} times, never before"
    quote = row.value.samples[0].text if row.value.samples else ""
    return as_evidence(make_claim(template, holes), "logs", quote=quote)


def series_evidence(row: Row[SeriesChange]) -> Evidence:
    """How a metric moved, and since when."""
    change = row.value
    verb = {
        "level": "rose" if change.direction > 0 else "fell",
        "trend": "climbs" if change.direction > 0 else "sinks",
        "spike": "spiked" if change.direction > 0 else "dipped",
        "gap": "stopped",
    }[change.shape]
    unit = f" {plain(change.unit)}" if change.unit and change.unit != "1" else ""

    def cell(field: str, style: str) -> Hole:
        return row.observation, "field", {"path": [*row.path, field]}, style

    now = "peak" if change.shape == "spike" else "incident"
    if _median_hides_it(change):
        now = "incident_mean"
    before = "baseline_mean" if now == "incident_mean" else "baseline"
    holes = {"name": cell("name", "text"), "service": cell("service", "text")}
    template = f"{{name}} of {{service}} {verb}"
    if change.shape != "gap":
        template += f" from {{old}} to {{new}}{unit}"
        holes |= {"old": cell(before, "number"), "new": cell(now, "number")}
    if change.onset is not None:
        template += ", from about {at} on"
        holes["at"] = cell("onset", "clock")
    return as_evidence(make_claim(template, holes), "metrics")


def _median_hides_it(change: SeriesChange) -> bool:
    return change.shape != "spike" and change.baseline == change.incident
