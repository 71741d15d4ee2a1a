"""What logs say in an incident window that they did not say in the baseline window, and the reverse."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from andon.analysis.parameter_comparison import ParameterFinding, compare_parameters
from andon.analysis.record_tally import Group, RecordTally, merge_groups, places_of
from andon.analysis.statistics import benjamini_hochberg, dispersion, poisson_rate_test
from andon.analysis.templates import Template, TemplateTable
from andon.telemetry import ERROR, Logs, Window

__all__ = [
    "Change",
    "LogComparison",
    "LogFinding",
    "LogSample",
    "LogTally",
    "ParameterFinding",
    "compare",
    "says_error",
]

BINS: Final = 60
"""Both windows together, so that a minute is a bin where an hour is looked at."""

SAMPLE_CHARACTERS: Final = 2000
"""How much of a record a finding quotes: a message and the top of a trace."""

_CODE_BITS: Final = 32
"""Bits of a template's code in a combined key: codes are 32-bit."""
_CODE_MASK: Final = (1 << _CODE_BITS) - 1

Counts = NDArray[np.int64]

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
    `parameters` are those whose values changed, out of `parameters_tested`.
    """

    baseline: Window
    incident: Window
    baseline_bins: int
    incident_bins: int
    baseline_records: int
    incident_records: int
    false_discovery_rate: float
    findings: tuple[LogFinding, ...]
    parameters: tuple[ParameterFinding, ...] = ()
    parameters_tested: int = 0


class LogTally:
    """Counts the records of two windows by service and template code, batch by batch.

    Batches come in ascending time; records outside both windows have no say. What it keeps grows with services and
    codes, not with records.
    """

    def __init__(self, baseline: Window, incident: Window, *, per_service: bool = True) -> None:
        self.records = 0
        self._per_service = per_service
        self._services: dict[str, int] = {}
        self._bins = _bins(baseline, incident)
        self._sides = tuple(
            RecordTally(window, bins) for window, bins in zip((baseline, incident), self._bins, strict=True)
        )

    def add(self, logs: Logs, codes: NDArray[np.int32]) -> None:
        """Takes a batch in; `codes` int32 (n,) are a `Miner`'s, or indices into the templates of a table."""
        keys = codes.astype(np.int64)
        if self._per_service:
            keys += places_of(logs.services, self._services)[logs.service_codes] << _CODE_BITS
        for side in self._sides:
            side.add(logs, keys, self.records)
        self.records += len(logs)

    def result(self, table: TemplateTable, *, false_discovery_rate: float = 0.01) -> LogComparison:
        """Every (service, template) with its counts in both windows and whether the difference is more than chance.

        `table.codes` says which template each code is. Rates are compared as Poisson rates whose scatter is
        estimated from the baseline's bins, so that a statement which always comes in bursts is not called changed.
        """
        names = list(self._services) or [""]
        pairs = self._pairs(table)
        before = np.array([pair.counts(0, self._bins[0]) for pair in pairs]).reshape(-1, self._bins[0])
        after = np.array([pair.counts(1, self._bins[1]) for pair in pairs]).reshape(-1, self._bins[1])
        windows = (self._sides[0].window, self._sides[1].window)
        scatter = dispersion(before)
        statistic, p = poisson_rate_test(
            before.sum(axis=1), after.sum(axis=1), (windows[0].seconds, windows[1].seconds), scatter
        )
        q = benjamini_hochberg(p)
        tests = np.column_stack((statistic, p, q, scatter))
        findings = [
            _finding(
                names[pair.service],
                table.templates[pair.template],
                pair,
                windows,
                self._bins,
                test,
                false_discovery_rate,
            )
            for pair, test in zip(pairs, tests, strict=True)
        ]
        findings.sort(key=_surprise)
        tested, parameters = compare_parameters(
            (
                (names[pair.service], table.templates[pair.template], pair.before.records, pair.after.records)
                for pair in pairs
                if pair.before and pair.after
            ),
            false_discovery_rate,
        )
        return LogComparison(
            *windows,
            *self._bins,
            int(before.sum()),
            int(after.sum()),
            false_discovery_rate,
            tuple(findings),
            parameters,
            tested,
        )

    def _pairs(self, table: TemplateTable) -> list[_Pair]:
        found: defaultdict[tuple[int, int], tuple[list[Group], list[Group]]] = defaultdict(lambda: ([], []))
        for side, tally in enumerate(self._sides):
            for key, group in tally.groups.items():
                service, code = key >> _CODE_BITS, key & _CODE_MASK
                found[service, int(table.codes[code])][side].append(group)
        sizes = [tally.sample for tally in self._sides]
        return [
            _Pair(service, template, merge_groups(before, sizes[0]), merge_groups(after, sizes[1]))
            for (service, template), (before, after) in sorted(found.items())
        ]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A service and a template, with their records in the baseline and in the incident window."""

    service: int
    template: int
    before: Group | None
    after: Group | None

    def counts(self, side: int, bins: int) -> Counts:
        group = (self.before, self.after)[side]
        return group.counts if group else np.zeros(bins, dtype=np.int64)


def compare(
    logs: Logs,
    table: TemplateTable,
    baseline: Window,
    incident: Window,
    *,
    per_service: bool = True,
    false_discovery_rate: float = 0.01,
) -> LogComparison:
    """What `LogTally` finds in all logs at once; `table` holds the templates of exactly these logs.

    Without `per_service` all services are one, named with the empty text.
    """
    tally = LogTally(baseline, incident, per_service=per_service)
    tally.add(logs, table.codes)
    return tally.result(table.by_template(), false_discovery_rate=false_discovery_rate)


def says_error(text: str) -> bool:
    """Whether a text has words of failure, whatever the severity of its record."""
    return _ERROR_WORDS.search(text) is not None


def _bins(baseline: Window, incident: Window) -> tuple[int, int]:
    length = baseline.seconds + incident.seconds
    share = round(BINS * baseline.seconds / length) if length > 0 else BINS // 2
    first = min(max(share, 1), BINS - 1)
    return first, BINS - first


def _finding(
    service: str,
    template: Template,
    pair: _Pair,
    windows: tuple[Window, Window],
    bins: tuple[int, int],
    test: NDArray[np.float64],
    bound: float,
) -> LogFinding:
    sides, counts = (pair.before, pair.after), (pair.counts(0, bins[0]), pair.counts(1, bins[1]))
    statistic, p, q, scatter = test.tolist()
    totals = [group.total if group else 0 for group in sides]
    rates = [
        total / window.seconds if window.seconds else 0.0
        for total, window in zip(totals, windows, strict=True)
    ]
    severity = max(group.severity for group in sides if group)
    return LogFinding(
        service=service,
        template_id=template.id,
        template=template.text,
        kind=_kind(totals[0], totals[1], rates[1] > rates[0], q <= bound),
        significant=q <= bound,
        error=severity >= ERROR or says_error(template.text),
        severity=severity,
        baseline_count=totals[0],
        incident_count=totals[1],
        baseline_rate=rates[0],
        incident_rate=rates[1],
        statistic=statistic,
        p_value=p,
        q_value=q,
        dispersion=scatter,
        first_seen=pair.after.first.time if pair.after else None,
        last_seen=pair.after.last.time if pair.after else None,
        samples=samples(pair.after or pair.before),
        counts=(*counts[0].tolist(), *counts[1].tolist()),
    )


def samples(group: Group | None) -> tuple[LogSample, ...]:
    """The first, a middle and the last record of a group, each once."""
    if group is None:
        return ()
    records = group.records
    chosen = {record.index: record for record in (group.first, records[len(records) // 2], group.last)}
    return tuple(
        LogSample(index, record.time, record.body[:SAMPLE_CHARACTERS])
        for index, record in sorted(chosen.items())
    )


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
