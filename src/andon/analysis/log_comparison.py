"""What logs say in an incident window that they did not say in the baseline window, and the reverse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from andon.analysis.statistics import benjamini_hochberg, dispersion, poisson_rate_test
from andon.analysis.templates import Template, TemplateTable
from andon.telemetry import ERROR, Logs, Window

__all__ = ["Change", "LogComparison", "LogFinding", "LogSample", "compare", "says_error"]

BINS: Final = 60
SAMPLE_CHARACTERS: Final = 2000

_ERROR_WORDS = re.compile(
    r"(?<![A-Za-z])(?:errors?|exceptions?|fail(?:s|ed|ures?|ing)?|fatal|panic|critical|timed?[ -]?out|refused|denied|reject(?:ed|s)"
    r"|unavailable|unreachable|crash(?:ed|es)?|abort(?:ed|ing)?|killed|oom|out of memory|cannot|unable to|corrupt(?:ed|ion)?"
    r"|deadlock|overflow(?:ed)?|exhausted|invalid)(?![A-Za-z])|[a-z](?:Exception|Error)\b",
    re.IGNORECASE,
)


class Change(StrEnum):
    """How often a template occurs in the incident window, against the baseline window."""

    NEW = "new"
    """In the incident window, never in the baseline window."""
    VANISHED = "vanished"
    """In the baseline window, and so often that its absence is no accident."""
    MORE = "more"
    FEWER = "fewer"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class LogSample:
    """A record verbatim, at most SAMPLE_CHARACTERS of it; `index` is its place in the logs compared."""

    index: int
    time: float
    text: str


@dataclass(frozen=True, slots=True)
class LogFinding:
    """One template of one service in both windows.

    Rates are per second; `counts` are per bin, baseline bins first (see `LogComparison`); `first_seen` and
    `last_seen` lie in the incident window, None when it is not there; `severity` is the highest OpenTelemetry
    number; `significant`: the q value is within the bound on false discoveries.
    """

    service: str
    template_id: str
    template: str
    kind: Change
    significant: bool
    error: bool
    severity: int
    baseline_count: int
    incident_count: int
    baseline_rate: float
    incident_rate: float
    statistic: float
    p_value: float
    q_value: float
    dispersion: float
    first_seen: float | None
    last_seen: float | None
    samples: tuple[LogSample, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LogComparison:
    """Findings, most surprising first.

    The first `baseline_bins` bins divide the baseline window equally, the other `incident_bins` the incident window.
    """

    baseline: Window
    incident: Window
    baseline_bins: int
    incident_bins: int
    baseline_records: int
    incident_records: int
    false_discovery_rate: float
    findings: tuple[LogFinding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One window's records, sorted by pair of service and template: positions in the logs, pair of each, counts."""

    order: NDArray[np.int64]
    bounds: NDArray[np.int64]
    counts: NDArray[np.int64]

    def records(self, pair: int) -> NDArray[np.int64]:
        return self.order[self.bounds[pair] : self.bounds[pair + 1]]

    @property
    def totals(self) -> NDArray[np.int64]:
        return np.diff(self.bounds)


def compare(
    logs: Logs,
    table: TemplateTable,
    baseline: Window,
    incident: Window,
    *,
    per_service: bool = True,
    false_discovery_rate: float = 0.01,
) -> LogComparison:
    """Every (service, template) with its counts in both windows and whether the difference is more than chance.

    `table` holds the templates of exactly these logs. Rates are compared as Poisson rates whose scatter is
    estimated from the baseline's bins, so that a statement which always comes in bursts is not called changed.
    Without `per_service` all services are one, named with the empty text.
    """
    templates = max(len(table), 1)
    services = logs.service_codes.astype(np.int64) if per_service else np.zeros(len(logs), dtype=np.int64)
    keys = services * templates + table.codes
    slices = [_slice(logs, window) for window in (baseline, incident)]
    pairs = np.unique(np.concatenate([np.unique(keys[cut]) for cut in slices]))
    bins = _bins(baseline, incident)
    before, after = (
        _side(logs, keys, pairs, cut, window, n)
        for cut, window, n in zip(slices, (baseline, incident), bins, strict=True)
    )
    scatter = dispersion(before.counts)
    statistic, p = poisson_rate_test(
        before.totals, after.totals, (baseline.seconds, incident.seconds), scatter
    )
    q = benjamini_hochberg(p)
    tests = np.column_stack((statistic, p, q, scatter))
    names = logs.services if per_service else ("",)
    statements = [(names[key // templates], table.templates[key % templates]) for key in pairs.tolist()]
    findings = [
        _finding(
            logs, statements[i], i, (before, after), (baseline, incident), tests[i], false_discovery_rate
        )
        for i in range(len(pairs))
    ]
    findings.sort(key=_surprise)
    return LogComparison(
        baseline,
        incident,
        *bins,
        len(before.order),
        len(after.order),
        false_discovery_rate,
        tuple(findings),
    )


def says_error(text: str) -> bool:
    """Whether a text has words of failure, whatever the severity of its record."""
    return _ERROR_WORDS.search(text) is not None


def _slice(logs: Logs, window: Window) -> slice:
    low, high = np.searchsorted(logs.times, (window.start, window.end))
    return slice(int(low), int(high))


def _bins(baseline: Window, incident: Window) -> tuple[int, int]:
    length = baseline.seconds + incident.seconds
    share = round(BINS * baseline.seconds / length) if length > 0 else BINS // 2
    first = min(max(share, 1), BINS - 1)
    return first, BINS - first


def _side(
    logs: Logs, keys: NDArray[np.int64], pairs: NDArray[np.int64], cut: slice, window: Window, bins: int
) -> _Side:
    codes = np.searchsorted(pairs, keys[cut])
    width = window.seconds / bins or 1.0
    bin_of = np.minimum(((logs.times[cut] - window.start) / width).astype(np.int64), bins - 1)
    counts = np.bincount(codes * bins + bin_of, minlength=len(pairs) * bins).reshape(len(pairs), bins)
    order = np.argsort(codes, kind="stable")
    bounds = np.concatenate(([0], np.cumsum(counts.sum(axis=1))))
    return _Side(order + cut.start, bounds, counts)


def _finding(
    logs: Logs,
    statement: tuple[str, Template],
    pair: int,
    sides: tuple[_Side, _Side],
    windows: tuple[Window, Window],
    test: NDArray[np.float64],
    bound: float,
) -> LogFinding:
    service, template = statement
    before, after = (side.records(pair) for side in sides)
    statistic, p, q, scatter = test.tolist()
    rates = [
        len(rows) / window.seconds if window.seconds else 0.0
        for rows, window in zip((before, after), windows, strict=True)
    ]
    severity = max(int(logs.severities[rows].max(initial=0)) for rows in (before, after))
    return LogFinding(
        service=service,
        template_id=template.id,
        template=template.text,
        kind=_kind(len(before), len(after), rates[1] > rates[0], q <= bound),
        significant=q <= bound,
        error=severity >= ERROR or says_error(template.text),
        severity=severity,
        baseline_count=len(before),
        incident_count=len(after),
        baseline_rate=rates[0],
        incident_rate=rates[1],
        statistic=statistic,
        p_value=p,
        q_value=q,
        dispersion=scatter,
        first_seen=float(logs.times[after[0]]) if len(after) else None,
        last_seen=float(logs.times[after[-1]]) if len(after) else None,
        samples=samples(logs, after if len(after) else before),
        counts=tuple(np.concatenate([side.counts[pair] for side in sides]).tolist()),
    )


def samples(logs: Logs, rows: NDArray[np.int64] | Sequence[int]) -> tuple[LogSample, ...]:
    """The first, the middle and the last of the records at these positions, each once."""
    chosen = sorted({int(rows[i]) for i in (0, len(rows) // 2, len(rows) - 1)}) if len(rows) else []
    return tuple(LogSample(i, float(logs.times[i]), logs.bodies[i][:SAMPLE_CHARACTERS]) for i in chosen)


def _kind(before: int, after: int, rising: bool, significant: bool) -> Change:
    if not before:
        return Change.NEW
    if not significant:
        return Change.SAME
    if not after:
        return Change.VANISHED
    return Change.MORE if rising else Change.FEWER


_ORDER: Final = {Change.NEW: 0, Change.MORE: 1, Change.VANISHED: 2, Change.FEWER: 3, Change.SAME: 4}


def _surprise(finding: LogFinding) -> tuple[bool, bool, bool, int, float, str, str]:
    told = finding.significant or (finding.kind is Change.NEW and finding.error)
    return (
        not told,
        not (finding.error and finding.kind in (Change.NEW, Change.MORE)),
        finding.kind is not Change.NEW,
        _ORDER[finding.kind],
        -finding.statistic,
        finding.service,
        finding.template_id,
    )
