"""Which parameters of log templates have other values in the incident window than in the baseline window.

Two questions are asked of each parameter: have its quantities moved, and has one value become more frequent? Each gets two
tests, and the less certain of them counts: one that takes records as independent, and one that takes the change
against how much the parameter changes anyway from one part of the baseline to the next. The second keeps identifiers,
counters and sessions, which are new all the time, from being called changed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from andon.analysis.log_parameters import Kind, Value, values_of
from andon.analysis.record_tally import Record
from andon.analysis.statistics import benjamini_hochberg, chi_square_tail, poisson_rate_test
from andon.analysis.templates import Template

__all__ = ["ParameterChange", "ParameterFinding", "compare_parameters"]

BLOCKS: Final = 12
"""Parts of the baseline that are compared with each other: with fewer, no change could be called certain."""

FEWEST_IN_BLOCK: Final = 4
"""Records that a part of the baseline has at least; so a parameter needs some fifty to be compared."""

FEWEST_IN_INCIDENT: Final = 8
"""From so many records on, the normal approximation of the rank test is safe (Mann and Whitney 1947)."""

COUNTER: Final = 0.9
"""A quantity whose ranks go with time like this within the baseline counts something; that it moves says nothing."""

MOST_CATEGORIES: Final = 20
"""Numbers with so few different values, as status codes have, are names: which one is more frequent says more."""

_UNITS: Final = {Kind.DURATION: "s", Kind.SIZE: "B"}

Array = NDArray[np.float64]


class ParameterChange(StrEnum):
    """How the values of a parameter changed."""

    SHIFTED = "shifted"
    """Its quantities are larger or smaller."""
    RAISED = "raised"
    """One value is more frequent; where its baseline share is 0 it is new."""


@dataclass(frozen=True, slots=True)
class ParameterFinding:
    """A parameter of a template whose values in the incident window are others than in the baseline window.

    `parameter` is the number of the place in the template, from `1`, or the name of a field. `SHIFTED` fills the
    medians and 90 % quantiles, in `unit` (`s`, `B` or none); `RAISED` the value and its shares, 0 to 1. Counts are the
    records compared, a fair sample of at most `record_tally.SAMPLE` a window.
    """

    service: str
    template_id: str
    template: str
    parameter: str
    kind: Kind
    change: ParameterChange
    baseline_count: int
    incident_count: int
    p_value: float
    q_value: float
    unit: str = ""
    baseline_median: float | None = None
    incident_median: float | None = None
    baseline_p90: float | None = None
    incident_p90: float | None = None
    value: str = ""
    baseline_share: float | None = None
    incident_share: float | None = None


Statement = tuple[str, Template, Sequence[Record], Sequence[Record]]


def compare_parameters(
    statements: Iterable[Statement], false_discovery_rate: float = 0.01
) -> tuple[int, tuple[ParameterFinding, ...]]:
    """How many parameters were compared, and those found changed, most certain first.

    A statement is a service, its template, and a sample of the records of each window in ascending time.
    """
    drafts = [draft for statement in statements for draft in _of_statement(statement)]
    q = benjamini_hochberg(np.array([draft.p_value for draft in drafts], dtype=np.float64))
    found = [
        replace(draft, q_value=value)
        for draft, value in zip(drafts, q.tolist(), strict=True)
        if value <= false_discovery_rate
    ]
    found.sort(key=lambda finding: (finding.p_value, finding.service, finding.template_id, finding.parameter))
    return len(drafts), tuple(found)


def _of_statement(statement: Statement) -> list[ParameterFinding]:
    service, template, before, after = statement
    if len(before) < BLOCKS * FEWEST_IN_BLOCK or len(after) < FEWEST_IN_INCIDENT:
        return []
    sides = [
        values_of(template, [record.body for record in records], [record.attributes for record in records])
        for records in (before, after)
    ]
    findings = []
    for name in sorted(sides[0].keys() & sides[1].keys()):
        first, second = sides[0][name], sides[1][name]
        if len(first) < BLOCKS * FEWEST_IN_BLOCK or len(second) < FEWEST_IN_INCIDENT:
            continue
        kind = Counter(value.kind for value in (*first, *second)).most_common(1)[0][0]
        draft = ParameterFinding(
            service,
            template.id,
            template.text,
            name,
            kind,
            ParameterChange.SHIFTED,
            len(first),
            len(second),
            1.0,
            1.0,
        )
        answers = [_raised(draft, first, second)] if kind is not Kind.TIME else []
        if _is_quantity(kind, (*first, *second)):
            answers.append(_shifted(draft, first, second))
        if answers:
            best = min(answers, key=lambda answer: answer.p_value)
            findings.append(replace(best, p_value=min(1.0, best.p_value * len(answers))))
    return findings


def _is_quantity(kind: Kind, values: Sequence[Value]) -> bool:
    if kind is Kind.NUMBER:
        return len({value.text for value in values}) > MOST_CATEGORIES
    return kind in (Kind.DURATION, Kind.SIZE)


def _shifted(draft: ParameterFinding, before: Sequence[Value], after: Sequence[Value]) -> ParameterFinding:
    first, second = (
        np.array([value.number for value in values if value.number is not None], dtype=np.float64)
        for values in (before, after)
    )
    if len(first) < BLOCKS * FEWEST_IN_BLOCK or len(second) < FEWEST_IN_INCIDENT:
        return draft
    ranks = _ranks(np.concatenate((first, second)))
    old, new = ranks[: len(first)], ranks[len(first) :]
    if ranks.std() == 0 or _is_counter(old):
        return draft
    error = math.sqrt(ranks.var() * (1 / len(old) + 1 / len(new)))
    independent = float(chi_square_tail(np.array([((new.mean() - old.mean()) / error) ** 2]))[0])
    blocks = np.array([old[low:high].mean() for low, high in _blocks(len(old))])
    floor = ranks.std() / math.sqrt(len(old) / BLOCKS)
    usual = _outlying(abs(new.mean() - blocks.mean()), np.std(blocks, ddof=1), floor)
    return replace(
        draft,
        p_value=max(independent, min(1.0, 2 * usual)),
        unit=_UNITS.get(draft.kind, ""),
        baseline_median=float(np.median(first)),
        incident_median=float(np.median(second)),
        baseline_p90=float(np.quantile(first, 0.9)),
        incident_p90=float(np.quantile(second, 0.9)),
    )


def _raised(draft: ParameterFinding, before: Sequence[Value], after: Sequence[Value]) -> ParameterFinding:
    old, new = [value.text for value in before], [value.text for value in after]
    had, has = Counter(old), Counter(new)
    frequent = [text for text, count in has.items() if count >= FEWEST_IN_INCIDENT]
    if not frequent:
        return draft
    value, rise = _rise(has, had, frequent)
    tested = sum(count >= FEWEST_IN_INCIDENT for count in (had + has).values())
    _, p = poisson_rate_test(
        np.array([had[value]]), np.array([has[value]]), (float(len(old)), float(len(new)))
    )
    usual = []
    for low, high in _blocks(len(old)):
        here = Counter(old[low:high])
        usual.append(_rise(here, had - here, list(here))[1])
    floor = 1 / math.sqrt(len(old) / BLOCKS) / 2
    unusual = _outlying(rise - float(np.mean(usual)), np.std(usual, ddof=1), floor)
    return replace(
        draft,
        change=ParameterChange.RAISED,
        p_value=max(min(1.0, float(p[0]) * tested), unusual),
        value=value,
        baseline_share=had[value] / len(old),
        incident_share=has[value] / len(new),
    )


def _rise(here: Mapping[str, int], there: Mapping[str, int], texts: Sequence[str]) -> tuple[str, float]:
    """The value whose share is most above its share elsewhere, and by how much."""
    own, other = sum(here.values()), sum(there.values()) or 1
    rises = {text: here[text] / own - there.get(text, 0) / other for text in texts}
    value = max(sorted(rises), key=rises.__getitem__)
    return value, rises[value]


def _blocks(n: int) -> list[tuple[int, int]]:
    return list(pairwise(np.linspace(0, n, BLOCKS + 1).astype(int).tolist()))


def _is_counter(ranks: Array) -> bool:
    return bool(ranks.std() > 0 and abs(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1]) > COUNTER)


def _ranks(values: Array) -> Array:
    """Ranks from 0 to 1, ties at their middle."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Array = ((ends - counts + ends - 1) / 2 / max(len(values) - 1, 1))[inverse]
    return ranks


def _outlying(distance: float, spread: np.floating | float, floor: float) -> float:
    """P that one more block lies so far above the others: Student's t with as many degrees as blocks less one.

    `floor` is the spread that chance alone gives a block, for where the blocks happen to agree.
    """
    scale = max(float(spread), floor) * math.sqrt(1 + 1 / BLOCKS)
    return _student_tail(distance / scale, BLOCKS - 1)


def _student_tail(t: float, degrees: int) -> float:
    """P(T >= t) for an odd number of degrees of freedom (Abramowitz and Stegun, 26.7.3)."""
    angle = math.atan(t / math.sqrt(degrees))
    term = math.cos(angle)
    total = term
    for i in range(3, degrees - 1, 2):
        term *= math.cos(angle) ** 2 * (i - 1) / i
        total += term
    inside = 2 / math.pi * (angle + math.sin(angle) * total)
    return min(1.0, max(0.0, (1 - inside) / 2))
