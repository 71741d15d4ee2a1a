"""Other ways to rank the nodes of a PetShop case: ours of well-known ideas, and BARO where it is installed.

Each takes a case and returns nodes, most suspect first, possibly none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.petshop_cases import Case

__all__ = ["anomaly_traversal", "baro", "n_sigma"]

_ANOMALOUS = 3.0
Ranking = list[str]


def n_sigma(case: Case) -> Ranking:
    """Nodes by the largest deviation of any of their metrics, in standard deviations of the baseline."""
    found = _deviations(case)
    return sorted(found, key=lambda node: -found[node])


def anomaly_traversal(case: Case) -> Ranking:
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


def baro() -> Callable[[Case], Ranking] | None:
    """BARO's robust scorer (Pham et al., FSE 2024), None where `fse-baro` is not installed.

    It is told the moment of the fault. As published it looks for rises only, so a fall of availability escapes it.
    """
    try:
        import pandas as pd
        from baro.root_cause_analysis import robust_scorer
    except ImportError:
        return None

    def rank(case: Case) -> Ranking:
        table, (past, now) = case.table, _parts(case)
        kept = past | now
        columns = {
            f"{node}_{metric}-{statistic}": (node, table.values[kept, i])
            for i, (node, metric, statistic) in enumerate(table.columns)
            if not np.isnan(table.values[kept, i]).all()
        }
        data = pd.DataFrame({name: values for name, (_, values) in columns.items()}).ffill().bfill()
        data.insert(0, "time", table.times[kept])
        ranked = robust_scorer(data, inject_time=case.incident.start)["ranks"]
        return list(dict.fromkeys(columns[name][0] for name in ranked))

    return rank


def _parts(case: Case) -> tuple[np.ndarray, np.ndarray]:
    times = case.table.times
    return (
        (times >= case.baseline.start) & (times < case.baseline.end),
        (times >= case.incident.start) & (times < case.incident.end),
    )


def _deviations(case: Case) -> dict[str, float]:
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
