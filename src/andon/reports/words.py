"""The words that all renderings share: per cents, times, statuses, summaries, how to go on.

Nothing here knows of terminals, Markdown or HTML, and nothing here is escaped for one of them.
"""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from andon.investigation.narration import sample_words
from andon.investigation.report import Coverage, Drift, Evidence, Hypothesis, Moment, Report, SymptomKind
from andon.reports.text_safety import line
from andon.telemetry import Status, Window, clock, isoformat

__all__ = [
    "SOMETHING_ELSE",
    "STATUS_MARK",
    "Step",
    "at",
    "claims_checked",
    "coverage_summary",
    "day",
    "drift_words",
    "how_to_go_on",
    "in_order",
    "logs_sampled",
    "names",
    "no_cause",
    "number",
    "path_names",
    "per_cent",
    "sampled",
    "short_id",
    "shortfalls",
    "split_evidence",
    "symptom_words",
    "when_of_onset",
    "window_words",
]

STATUS_MARK = {
    Status.OK: "✓",
    Status.EMPTY: "○",
    Status.PARTIAL: "◐",
    Status.TRUNCATED: "…",
    Status.DENIED: "⊘",
    Status.FAILED: "✗",
}

SOMETHING_ELSE = "Something else, or not seen"


@dataclass(frozen=True, slots=True)
class Step:
    """A command to go on with, and what it does."""

    command: str
    why: str


def per_cent(share: float) -> str:
    """A share in [0, 1] as `86 %`; never a rounded 0 or 100 for what is neither."""
    if not math.isfinite(share):
        return "? %"
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{share:.0%}".replace("%", " %")


def number(value: float) -> str:
    """A number with three significant digits and a thousands prefix: `12.3 k`, `0.004`."""
    if not math.isfinite(value):
        return "?"
    for factor, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= factor:
            unit = 1e3 if prefix == "k" else factor
            return f"{value / unit:.3g} {prefix}"
    return f"{value:.4g}" if abs(value) >= 1000 else f"{value:.3g}"


def at(time: float | None) -> str:
    """Unix seconds as a time of day, `?` for what is no time."""
    return _safely(clock, time)


def day(time: float) -> str:
    """Unix seconds as a date in UTC."""
    return _safely(isoformat, time)[:10]


def window_words(window: Window) -> str:
    """`2026-06-19 10:25–10:55 UTC`, with the second date only where it differs."""
    start, end = at(window.start), at(window.end)
    if start.endswith(":00") and end.endswith(":00"):
        start, end = start[:5], end[:5]
    second = "" if day(window.start) == day(window.end) else f"{day(window.end)} "
    return f"{day(window.start)} {start}–{second}{end} UTC"


def short_id(observation: str) -> str:
    """An observation id for the margin; our own fit whole, a foreign one is cut."""
    return line(observation, 24).rstrip("…")


def names(report: Report) -> dict[str, str]:
    """Element id to the name that people use, as far as the report knows it."""
    known = {node.id: node.name for node in report.exhibits.nodes}
    known |= dict(zip(report.symptom.components, report.symptom.names, strict=False))
    return known | {h.component: h.name for h in report.hypotheses if h.name}


def path_names(report: Report, hypothesis: Hypothesis) -> tuple[str, ...]:
    """The path from the cause to the symptom in names, each at most 48 characters."""
    known = names(report)
    return tuple(line(known.get(element, element), 48) for element in hypothesis.path)


def symptom_words(report: Report) -> str:
    """Kind and place of the symptom, as far as they were understood: `unavailable: iOS app`."""
    place = ", ".join(line(name, 60) for name in report.symptom.names)
    known = report.symptom.kind is not SymptomKind.UNKNOWN
    if not place:
        return f"{report.symptom.kind}, but not where" if known else "neither what kind nor where"
    return f"{report.symptom.kind}: {place}" if known else place


def when_of_onset(report: Report) -> str:
    """When the symptom began, with the bounds where they are known; empty where nobody knows."""
    symptom = report.symptom
    if symptom.onset is None:
        return ""
    if symptom.onset_low is None or symptom.onset_high is None:
        return f"{at(symptom.onset)} UTC"
    return f"{at(symptom.onset)} UTC (between {at(symptom.onset_low)} and {at(symptom.onset_high)})"


def no_cause(report: Report) -> str:
    """What to say when there is no hypothesis: it names no culprit."""
    if not report.symptom.abnormal:
        return "Nothing abnormal was found in the incident window, so no cause is named."
    return "Something is abnormal, but what was observed does not point to any cause, so none is named."


def split_evidence(hypothesis: Hypothesis) -> tuple[list[int], list[int]]:
    """Indices of the evidence for and against, in the order of the report."""
    sides: tuple[list[int], list[int]] = ([], [])
    for index, evidence in enumerate(hypothesis.evidence):
        sides[not evidence.supports].append(index)
    return sides


def sampled(evidence: Evidence) -> str:
    """` (counted in an even sample of 8 %)`, or nothing where everything was read."""
    return f" (counted in {sample_words(evidence.sampled)})" if evidence.sampled[0] < 1 else ""


def logs_sampled(report: Report) -> str:
    """What the counts of log templates were drawn from, or nothing where all logs were read."""
    found = [
        e.sampled for h in report.hypotheses for e in h.evidence if e.signal == "logs" and e.sampled[0] < 1
    ]
    if not found:
        return ""
    shares = min(least for least, _ in found), max(most for _, most in found)
    return f"Counts, rates and first times are those of {sample_words(shares)} of the records."


def shortfalls(coverage: Iterable[Coverage]) -> list[Coverage]:
    """The queries whose answer was not whole, the worst first."""
    gravity = list(Status)
    rows = [row for row in coverage if row.status is not Status.OK]
    return sorted(rows, key=lambda row: -gravity.index(row.status))


def coverage_summary(report: Report) -> str:
    """`12 queries: 9 ok, 1 empty, 2 partial`."""
    counts = Counter(row.status for row in report.coverage)
    parts = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    total = len(report.coverage)
    return f"{total} {'query' if total == 1 else 'queries'}: {parts}" if total else "No source was asked."


def claims_checked(report: Report) -> str:
    """What the verification of the claims gave."""
    dropped = len(report.dropped_claims)
    if not report.checked_claims and not dropped:
        return "no claims to check"
    if not report.verified:
        return f"not verified ({report.checked_claims} claims checked, {dropped} dropped)"
    tail = f"{dropped} dropped" if dropped else "none dropped"
    return f"{report.checked_claims} claims checked against what the sources returned, {tail}"


def drift_words(drift: Drift) -> str:
    """`declared, not seen`: a slug in words."""
    known = {"declared-not-seen": "declared, not seen", "seen-not-declared": "seen, not declared"}
    return known.get(drift.kind, line(drift.kind, 40))


def in_order(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """The moments by time; those with no finite time are left out."""
    return tuple(sorted((m for m in moments if math.isfinite(m.time)), key=lambda moment: moment.time))


def how_to_go_on(report: Report) -> tuple[Step, ...]:
    """Commands that continue from this report; ids are quoted for a shell."""
    run = shlex.quote(line(report.run, 80))
    steps = [
        Step(f"andon show {run} --html report.html", "with its pictures"),
        Step(f"andon verify {run}", "compute every claim again"),
        Step(f"andon chat {run}", "ask about it, or say what is not so"),
        Step(f"andon verdict {run} --cause COMPONENT --fixed WORDS", "when you know; it is remembered"),
    ]
    if report.hypotheses:
        component = shlex.quote(line(report.hypotheses[0].component, 200))
        steps.append(Step(f"andon investigate --continue {run} --exclude {component}", "not this"))
    return tuple(steps)


def _safely(form: Callable[[float], str], time: float | None) -> str:
    if time is None:
        return "?"
    try:
        return form(time)
    except (ValueError, OverflowError, OSError):
        return "?"
