"""Other ways to rank the nodes of a case by its metrics: ours of well-known ideas, and public ones where installed.

Each takes a case and returns nodes, most suspect first, possibly none. All are told the windows, so the moment too.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np

from benchmarks.figures import say
from benchmarks.tables import MetricCase

__all__ = [
    "LICENCES",
    "Method",
    "Ranking",
    "anomaly_traversal",
    "baro",
    "chance",
    "n_sigma",
    "pc_regression",
    "place",
    "public",
]

_ANOMALOUS = 3.0
_SIGNIFICANT = 0.05
"""The level at which PC keeps an edge: the library's own default."""
_TWIN = 0.95
"""Correlation from which two metrics of a node say the same, such as a sum and a mean of one histogram."""
Ranking = list[str]
Method = Callable[[MetricCase], Ranking]

LICENCES = {"BARO": "fse-baro, MIT licence", "PC + regression": "causal-learn, MIT licence"}
"""What the methods stand on that are not ours alone."""


def n_sigma(case: MetricCase) -> Ranking:
    """Nodes by the largest deviation of any of their metrics, in standard deviations of the baseline."""
    found = _deviations(case)
    return sorted(found, key=lambda node: -found[node])


def anomaly_traversal(case: MetricCase) -> Ranking:
    """Walks from the symptom along anomalous callees; ranks the deepest anomalous nodes by deviation."""
    found = _deviations(case)
    seen, frontier, deepest = {case.target}, [case.target], []
    while frontier:
        node = frontier.pop()
        ahead = [c for c in case.graph.get(node, ()) if found.get(c, 0.0) > _ANOMALOUS and c != node]
        if not ahead:
            deepest.append(node)
        frontier += [callee for callee in ahead if callee not in seen]
        seen.update(ahead)
    return sorted(deepest, key=lambda node: -found.get(node, 0.0))


def public() -> Iterator[tuple[str, Method]]:
    """The methods that stand on public libraries, as far as these are installed here, by name."""
    for name, found in (("BARO", baro()), ("PC + regression", pc_regression())):
        if found is None:
            say(f"{name} is not installed: no comparison with it")
        else:
            yield name, found


def baro() -> Method | None:
    """BARO's robust scorer (Pham et al., FSE 2024), None where `fse-baro` is not installed.

    As published it looks for rises only, so a fall of availability escapes it.
    """
    try:
        import pandas as pd
        from baro.root_cause_analysis import robust_scorer
    except ImportError:
        return None

    def rank(case: MetricCase) -> Ranking:
        columns = _columns(case)
        data = pd.DataFrame({name: values for name, (_, values) in columns.items()}).ffill().bfill()
        data.insert(0, "time", case.table.times[_kept(case)])
        ranked = robust_scorer(data, inject_time=case.incident.start)["ranks"]
        return list(dict.fromkeys(columns[name][0] for name in ranked))

    return rank


def pc_regression() -> Method | None:
    """Regression tests on a causal graph that PC learned, None where `causal-learn` is not installed.

    After CIRCA (Li et al., KDD 2022): each metric is regressed on its parents over the baseline, and a node is the more
    suspect the further any of its metrics then departs from what its parents explain. The graph is that of the PC
    algorithm (Spirtes and Glymour) over both windows with its partial-correlation test; the regression is ours. Series
    of one metric and node are averaged over their labels, and no more are taken than the baseline has rows, those that
    deviate most: a graph of more metrics than rows means nothing, and takes minutes.
    """
    try:
        from causallearn.search.ConstraintBased.PC import pc
    except ImportError:
        return None

    def rank(case: MetricCase) -> Ranking:
        past = case.table.times[_kept(case)] < case.incident.start
        varying = _most_deviant(_distinct(_by_metric(case)), past)
        data = _independent(np.column_stack([values for _, values in varying]))
        graph = pc(data, alpha=_SIGNIFICANT, show_progress=False).G.graph
        found: dict[str, float] = {}
        for i, (node, _) in enumerate(varying):
            parents = [j for j in range(len(varying)) if graph[i, j] == 1 and graph[j, i] == -1]
            found[node] = max(found.get(node, 0.0), _departure(data[:, i], data[:, parents], past))
        return sorted(found, key=lambda node: -found[node])

    return rank


def place(name: str, method: Method, case: MetricCase, accepted: Collection[str]) -> int:
    """The place of the first accepted node, from 1; 0 when none is named or the method fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            named = list(method(case))
    except Exception as error:  # A method that fails on a case has missed it.
        say(f"{name} failed: {type(error).__name__}: {error}")
        return 0
    return next((i for i, node in enumerate(named, 1) if node in accepted), 0)


def chance(k: int, nodes: int, accepted: int) -> float:
    """The probability that k of so many nodes, drawn at random, hold one of the accepted."""
    return 1 - math.comb(nodes - accepted, k) / math.comb(nodes, k) if nodes >= k else 1.0


def _departure(values: np.ndarray, parents: np.ndarray, past: np.ndarray) -> float:
    """By how many standard deviations of the baseline's residuals any later point leaves the regression."""
    design = np.column_stack([np.ones(len(values)), parents])
    weights = np.linalg.lstsq(design[past], values[past], rcond=None)[0]
    residuals = values - design @ weights
    spread = float(np.std(residuals[past]))
    return float(np.max(np.abs(residuals[~past]))) / spread if spread > 0 and (~past).any() else 0.0


def _independent(data: np.ndarray) -> np.ndarray:
    """Standardised columns with a trace of noise: PC inverts their correlations, and twins have no inverse."""
    scaled = (data - data.mean(axis=0)) / data.std(axis=0)
    return scaled + np.random.default_rng(0).normal(0, 1e-3, scaled.shape)


def _filled(values: np.ndarray) -> np.ndarray:
    """Gaps hold the last value before them, or the first of all."""
    seen = np.flatnonzero(~np.isnan(values))
    last = np.searchsorted(seen, np.arange(len(values)), side="right") - 1
    filled: np.ndarray = values[seen[np.maximum(last, 0)]]
    return filled


def _distinct(columns: list[tuple[str, np.ndarray]]) -> list[tuple[str, np.ndarray]]:
    """Those that vary and that no earlier one of the same node follows almost exactly."""
    kept: list[tuple[str, np.ndarray]] = []
    for node, values in columns:
        mine = [other for owner, other in kept if owner == node]
        if np.std(values) > 0 and all(abs(np.corrcoef(values, other)[0, 1]) < _TWIN for other in mine):
            kept.append((node, values))
    return kept


def _most_deviant(columns: list[tuple[str, np.ndarray]], past: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """As many columns as the baseline has rows."""
    nothing = np.empty((len(past), 0))
    return sorted(columns, key=lambda column: -_departure(column[1], nothing, past))[: int(past.sum())]


def _by_metric(case: MetricCase) -> list[tuple[str, np.ndarray]]:
    """Each node's metrics, averaged over their labels."""
    found: dict[tuple[str, str, str], list[np.ndarray]] = {}
    kept = _kept(case)
    for i, (node, metric, statistic) in enumerate(case.table.columns):
        if not np.isnan(values := case.table.values[kept, i]).all():
            found.setdefault((node, metric.partition("{")[0], statistic), []).append(_filled(values))
    return [(node, np.mean(parts, axis=0)) for (node, _, _), parts in found.items()]


def _columns(case: MetricCase) -> Mapping[str, tuple[str, np.ndarray]]:
    """Name to node and values in both windows, of every column that has any."""
    kept = _kept(case)
    return {
        f"{node}_{metric}-{statistic}": (node, case.table.values[kept, i])
        for i, (node, metric, statistic) in enumerate(case.table.columns)
        if not np.isnan(case.table.values[kept, i]).all()
    }


def _kept(case: MetricCase) -> np.ndarray:
    past, now = _parts(case)
    return past | now


def _parts(case: MetricCase) -> tuple[np.ndarray, np.ndarray]:
    times = case.table.times
    return (
        (times >= case.baseline.start) & (times < case.baseline.end),
        (times >= case.incident.start) & (times < case.incident.end),
    )


def _deviations(case: MetricCase) -> dict[str, float]:
    past, now = _parts(case)
    found: dict[str, float] = {}
    for i, (node, _, _) in enumerate(case.table.columns):
        usual, seen = (
            values[~np.isnan(values)] for values in (case.table.values[part, i] for part in (past, now))
        )
        if len(usual) > 1 and len(seen) and (spread := float(np.std(usual))) > 0:
            z = float(np.max(np.abs(seen - np.mean(usual)))) / spread
            found[node] = max(found.get(node, 0.0), z)
    return found
