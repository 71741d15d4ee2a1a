"""Evidence about the course of invocations and the time between services, each computed from the row it speaks of."""

from __future__ import annotations

from andon.analysis.courses import CourseChange
from andon.analysis.invocations import StepKind
from andon.analysis.time_shifts import TimeShift
from andon.investigation.evidence import as_evidence, plain
from andon.investigation.findings import Row
from andon.investigation.report import Evidence
from andon.investigation.verification import Hole, make_claim

__all__ = ["edge_evidence", "step_evidence"]

_SAYINGS = {
    StepKind.LOG: "{service} logs {text}{place}",
    StepKind.SPAN: "{service} does {text}",
    StepKind.CALL: "{service} calls {text}",
    StepKind.FAILURE: "{text} fails at {service}",
}


def step_evidence(row: Row[CourseChange]) -> Evidence:
    """In how many invocations a service took a step, and in how many before."""
    step = row.value.step

    def cell(*fields: str, style: str = "count") -> Hole:
        return row.observation, "field", {"path": [*row.path, *fields]}, style

    quoted = "text" if step.kind is StepKind.CALL else "quote"
    holes = {
        "service": cell("step", "service", style="text"),
        "text": cell("step", "text", style=quoted),
        "with": cell("incident_with"),
        "calls": cell("incident_calls"),
        "with_before": cell("baseline_with"),
        "calls_before": cell("baseline_calls"),
    }
    saying = _SAYINGS[step.kind].replace("{place}", " ({place})" if step.place else "")
    if step.place:
        holes["place"] = cell("step", "place", style="text")
    template = f"{saying} in {{with}} of {{calls}} requests, in {{with_before}} of {{calls_before}} before"
    return as_evidence(make_claim(template, holes), "logs" if step.kind is StepKind.LOG else "traces")


def edge_evidence(row: Row[TimeShift]) -> Evidence:
    """How much time calls spend between two services, and how much before."""
    shift = row.value
    template = (
        f"Calls from {plain(shift.caller)} to {plain(shift.callee)} spend {{now}} between the two, {{before}} before "
        "(medians of {n} and {m} calls)"
    )
    holes: dict[str, Hole] = {
        name: (row.observation, "field", {"path": [*row.path, field]}, style)
        for name, field, style in (
            ("now", "incident", "duration"),
            ("before", "baseline", "duration"),
            ("n", "incident_calls", "count"),
            ("m", "baseline_calls", "count"),
        )
    }
    return as_evidence(make_claim(template, holes), "traces")
