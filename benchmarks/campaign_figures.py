"""The figures of a campaign, from what its cases showed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from andon.evaluation import (
    Binning,
    Level,
    bootstrap,
    brier_score,
    calibration_error,
    reliability,
    wilson,
)
from benchmarks.campaign_records import OWN, Measured
from benchmarks.figures import Figure, share
from benchmarks.methods import chance

__all__ = ["CHANCE", "by_fault", "faulty", "figures", "forecasts", "of_peers", "peer_rates", "rates"]

_SURE = 0.9
CHANCE = "chance"
"""The name under which drawing at random stands among the methods; its hits are an expectation."""
Cases = Sequence[Measured]


def figures(cases: Cases) -> Iterator[Figure]:
    """All of them, in the order of RESULTS.md."""
    broken = faulty(cases)
    if broken:
        yield from _accuracy(broken)
    yield from _false_culprits(cases)
    if broken:
        yield from _refutation(broken)
        yield from _onsets(broken)
    yield from _calibration(cases)
    yield from _cost(cases)
    if broken:
        yield from of_peers(broken)
    yield from by_fault(cases)


def faulty(cases: Cases) -> list[Measured]:
    """The cases in which something was broken."""
    return [case for case in cases if not case.verdict.control]


def forecasts(cases: Cases) -> tuple[list[float], list[bool], list[str]]:
    """Of every case in which something was named: likelihood of the first, whether it was right, and the fault."""
    told = [(case.verdict.likelihood, case.verdict.right, case.fault) for case in cases]
    named = [row for row in told if row[0] is not None]
    return [row[0] or 0.0 for row in named], [row[1] for row in named], [row[2] for row in named]


def rates(cases: Cases) -> dict[str, tuple[int, int]]:
    """Hits and cases of each share of right answers on faulty cases."""
    verdicts = [case.verdict for case in faulty(cases)]
    demanded = [v.mechanism for v in verdicts if v.mechanism is not None]
    n = len(verdicts)
    return {
        "guilty change first": (sum(v.within(1) for v in verdicts), n),
        "guilty change among the first 3": (sum(v.within(3) for v in verdicts), n),
        "guilty component first": (sum(v.within(1, Level.COMPONENT) for v in verdicts), n),
        "guilty component among the first 3": (sum(v.within(3, Level.COMPONENT) for v in verdicts), n),
        "its mechanism first": (sum(demanded), len(demanded)),
        "right and grounded": (sum(v.grounded for v in verdicts), n),
        "nothing named though something was broken": (sum(v.abstained for v in verdicts), n),
    }


def peer_rates(broken: Cases, k: int) -> dict[str, tuple[float, int]]:
    """Cases in which each method names the component at fault among its first k, and all; chance in expectation."""
    if not broken:
        return {}
    names = dict.fromkeys(name for case in broken for name in case.peers.places)
    n = len(broken)
    found: dict[str, tuple[float, int]] = {
        what: (sum(case.variants[v].within(k, Level.COMPONENT) for case in broken if v in case.variants), n)
        for what, v in (("andon, told nothing", OWN), ("andon, told when it began", "given"))
    }
    found |= {name: (sum(0 < case.peers.places.get(name, 0) <= k for case in broken), n) for name in names}
    drawn = [chance(k, case.peers.components, case.peers.accepted) for case in broken]
    return found | {CHANCE: (float(sum(drawn)), n)}


def of_peers(broken: Cases) -> Iterator[Figure]:
    """Who names the component at fault, where it has metrics and at all; all but one are told when it began."""
    seen = [case for case in broken if case.peers.accepted]
    for where, cases in (("where the component has metrics", seen), ("on all faulty cases", broken)):
        for k in (1, 3):
            for name, (hits, n) in peer_rates(cases, k).items():
                what = f"AC@{k} {where}, {name}"
                yield Figure(what, f"{hits / n:.2f}", n) if name == CHANCE else share(what, int(hits), n)


def by_fault(cases: Cases) -> Iterator[Figure]:
    """One line a fault: right first, right among three, right and grounded, mechanism first."""
    for fault in sorted({case.fault for case in cases}):
        verdicts = [case.verdict for case in cases if case.fault == fault]
        n = len(verdicts)
        if verdicts[0].control:
            hits = sum(not v.named for v in verdicts)
            told = f"{hits} of {n}"
        else:
            hits = sum(v.within(1) for v in verdicts)
            third, sound = sum(v.within(3) for v in verdicts), sum(v.grounded for v in verdicts)
            told = f"{hits}, {third}, {sound}, {sum(v.mechanism is True for v in verdicts)} of {n}"
        low, high = wilson(hits, n)
        what = "nothing named" if verdicts[0].control else "first, among 3, grounded, mechanism"
        yield Figure(f"{fault}: {what}", told, n, f"{low:.2f} to {high:.2f}")


def _accuracy(broken: Cases) -> Iterator[Figure]:
    for what, (hits, n) in rates(broken).items():
        if n:
            yield share(what, hits, n)
    variants = dict.fromkeys(name for case in broken for name in case.variants if name != OWN)
    for name in sorted(variants, key=lambda name: (name != "given", name)):
        told = [case.variants[name] for case in broken if name in case.variants]
        yield share(f"guilty change first, {_stated(name)}", sum(v.within(1) for v in told), len(told))


def _stated(variant: str) -> str:
    if variant == "given":
        return "told when it began"
    return f"told a start {abs(float(variant)):.0f} s too {'early' if variant.startswith('-') else 'late'}"


def _false_culprits(cases: Cases) -> Iterator[Figure]:
    controls = [case.verdict for case in cases if case.verdict.control]
    if controls:
        named = sum(v.false_culprit for v in controls)
        yield share("somebody named though nothing was broken", named, len(controls))


def _refutation(broken: Cases) -> Iterator[Figure]:
    tempted = [case for case in broken if case.decoys]
    if tempted:
        spared = sum(not case.blamed for case in tempted)
        yield share("innocent change of the guilty kind elsewhere not blamed", spared, len(tempted))


def _onsets(broken: Cases) -> Iterator[Figure]:
    errors = [case.onset_error for case in broken if case.onset_error is not None]
    if not errors:
        return
    off = np.abs(errors)
    for what, quantile in (("median", 0.5), ("90th percentile", 0.9)):

        def statistic(chosen: np.ndarray, quantile: float = quantile) -> float:
            return float(np.quantile(off[chosen], quantile))

        low, high = bootstrap(statistic, range(len(off)))
        value = f"{np.quantile(off, quantile):.1f}"
        yield Figure(
            f"seconds between onset and truth, {what}",
            value,
            len(off),
            f"{low:.1f} to {high:.1f} (bootstrap)",
        )


def _calibration(cases: Cases) -> Iterator[Figure]:
    likelihoods, right, faults = forecasts(cases)
    if not likelihoods:
        return
    promised, came = np.array(likelihoods), np.array(right)
    measures: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        "Brier score of the first likelihood": brier_score,
        "ECE of the first likelihood, bins of equal mass": calibration_error,
        "ECE of the first likelihood, bins of equal width": lambda p, r: calibration_error(
            p, r, Binning.WIDTH
        ),
    }
    for what, measure in measures.items():

        def statistic(chosen: np.ndarray, measure: Callable[..., float] = measure) -> float:
            return measure(promised[chosen], came[chosen])

        low, high = bootstrap(statistic, faults)
        interval = "" if math.isnan(low) else f"{low:.3f} to {high:.3f} (bootstrap over faults)"
        yield Figure(what, f"{measure(promised, came):.3f}", len(promised), interval)
    for row in reliability(promised, came):
        yield share(
            f"right where {row.low:.2f} to {row.high:.2f} was promised (mean {row.likelihood:.2f})",
            row.right,
            row.count,
        )
    sure = came[promised >= _SURE]
    if len(sure):
        yield share(f"right where at least {_SURE} was promised", int(sure.sum()), len(sure))
    else:
        yield Figure(f"right where at least {_SURE} was promised", "never promised", 0)


def _cost(cases: Cases) -> Iterator[Figure]:
    seconds = np.array([case.cpu for case in cases])
    spread = f"from {seconds.min():.2f} to {seconds.max():.2f} (range)"
    yield Figure("CPU seconds a case, median", f"{np.median(seconds):.2f}", len(seconds), spread)
    for name in dict.fromkeys(name for case in cases for name in case.peers.cpu):
        told = np.array([case.peers.cpu[name] for case in cases if name in case.peers.cpu])
        yield Figure(
            f"CPU seconds a case without reading it, median, {name}", f"{np.median(told):.2f}", len(told)
        )
