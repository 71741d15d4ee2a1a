"""Figures of minds on the same cases. A figure that does not rest on as many cases as were asked for is refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from andon.evaluation import bootstrap, brier_score, wilson
from benchmarks.agent_records import Asked
from benchmarks.figures import Figure, Unmeasured

__all__ = ["against", "figures", "publishable"]

Records = Sequence[Asked]


def publishable(found: Mapping[str, Records], expected: int) -> None:
    """Raises Unmeasured where a mind lacks an answer, or there is nothing to count."""
    if expected < 1 or not found:
        raise Unmeasured("there is not a single case: a figure without n is none")
    for mind, records in found.items():
        if len(records) < expected:
            raise Unmeasured(
                f"{mind} answered {len(records)} of {expected} cases; figures are of all or none"
            )


def figures(found: Mapping[str, Records], expected: int) -> Iterator[Figure]:
    """For each mind what it got right, how sure it was, and what it cost. Raises Unmeasured."""
    publishable(found, expected)
    for mind, records in found.items():
        for figure in _of_mind(records):
            if figure.n < 1:
                raise Unmeasured(f"{mind}: {figure.what} rests on no case")
            yield Figure(f"{mind}: {figure.what}", figure.value, figure.n, figure.interval)


def _of_mind(records: Records) -> Iterator[Figure]:
    broken = [one for one in records if not one.verdict.control]
    quiet = [one for one in records if one.verdict.control]
    if broken:
        yield _share("guilty change first (top-1)", broken, lambda one: one.verdict.right)
        yield _share("right and grounded", broken, lambda one: one.verdict.grounded)
    if quiet:
        yield _share("somebody named though nothing was broken", quiet, lambda one: one.verdict.named > 0)
    named = [one for one in records if one.verdict.likelihood is not None]
    if named:
        yield _brier(named)
    if any(one.error for one in records):
        yield _share("broke, and counts as wrong", records, lambda one: bool(one.error))
    yield _mean("seconds a case", records, lambda one: one.seconds, 1)
    yield _mean("seconds to the first finding", records, lambda one: one.first_line, 2)
    thought = [one for one in records if one.agrees is not None]
    if not thought:
        return
    yield _share("did not finish", thought, lambda one: bool(one.stopped))
    yield _mean("sentences dropped a case", thought, lambda one: one.dropped, 1)
    yield _mean("tool calls a case", thought, lambda one: one.calls, 1)
    yield _mean("tokens in a case", thought, lambda one: one.tokens_in, 0)
    yield _mean("tokens out a case", thought, lambda one: one.tokens_out, 0)
    priced = [one for one in thought if one.dollars is not None]
    if len(priced) == len(thought):
        yield _mean("dollars a case", priced, lambda one: one.dollars or 0.0, 4)


def _share(what: str, records: Records, holds: Callable[[Asked], bool]) -> Figure:
    """A share with its Wilson interval; with repeats, one over cases, since answers about one case resemble each other."""
    hits, n = [holds(one) for one in records], len(records)
    value = f"{sum(hits) / n:.2f} ({sum(hits)} of {n})"
    cases = [one.case for one in records]
    if len(set(cases)) == n:
        low, high = wilson(sum(hits), n)
        return Figure(what, value, n, f"{low:.2f} to {high:.2f}")
    told = np.array(hits, dtype=float)
    low, high = bootstrap(lambda chosen: float(told[chosen].mean()), cases)
    own = wilson(round(sum(hits) / n * len(set(cases))), len(set(cases)))
    low, high = min(low, own[0]), max(high, own[1])
    return Figure(what, value, n, f"{low:.2f} to {high:.2f} ({len(set(cases))} cases)")


def _mean(what: str, records: Records, take: Callable[[Asked], float], decimals: int) -> Figure:
    told = np.array([take(one) for one in records], dtype=float)
    low, high = bootstrap(lambda chosen: float(told[chosen].mean()), [one.case for one in records])
    spread = f"{low:,.{decimals}f} to {high:,.{decimals}f} (bootstrap over cases)"
    return Figure(what, f"{told.mean():,.{decimals}f}", len(records), spread)


def _brier(records: Records) -> Figure:
    promised = np.array([one.verdict.likelihood or 0.0 for one in records])
    came = np.array([one.verdict.right for one in records])
    low, high = bootstrap(
        lambda chosen: brier_score(promised[chosen], came[chosen]), [one.fault for one in records]
    )
    spread = "" if math.isnan(low) else f"{low:.3f} to {high:.3f} (bootstrap over faults)"
    return Figure(
        "Brier score of the first likelihood", f"{brier_score(promised, came):.3f}", len(records), spread
    )


def against(mind: str, records: Records, engine: Records) -> Iterator[Figure]:
    """The difference to the engine on the same cases, pair by pair."""
    alone = {one.case: one.right for one in engine}
    pairs = [(one.case, float(one.right) - float(alone[one.case])) for one in records if one.case in alone]
    if not pairs:
        return
    told = np.array([value for _, value in pairs])
    low, high = bootstrap(lambda chosen: float(told[chosen].mean()), [case for case, _ in pairs])
    better, worse = int((told > 0).sum()), int((told < 0).sum())
    yield Figure(
        f"{mind}: right answers more than the engine alone",
        f"{told.mean():+.2f} ({better} gained, {worse} lost)",
        len(pairs),
        f"{low:+.2f} to {high:+.2f} (bootstrap over cases)",
    )
