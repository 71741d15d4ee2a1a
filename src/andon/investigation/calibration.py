"""Calibration: what a leader's likelihood turned out to be worth on cases whose answer is known.

The map stands in `calibration.yaml` with where it comes from. It is monotone, so it changes how sure the
report is and never who leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np

__all__ = ["calibrated", "load_knots"]


@cache
def load_knots() -> tuple[tuple[float, float], ...]:
    """Pairs of raw and calibrated likelihood, both ascending; between them the map is linear."""
    import yaml

    text = files("andon.investigation").joinpath("calibration.yaml").read_text(encoding="utf-8")
    return tuple((float(raw), float(worth)) for raw, worth in yaml.safe_load(text)["knots"])


def calibrated(
    shares: Sequence[float], rest: float, knots: Sequence[tuple[float, float]] | None = None
) -> tuple[tuple[float, ...], float]:
    """Likelihoods in the same order, and what is left for something else; together 1, as before.

    The leader gets what its likelihood is worth. The others and something else share what remains in
    their old proportion, none of the others more than the leader.
    """
    if not shares:
        return (), rest
    leader = max(shares)
    xs, ys = np.array(knots or load_knots()).T
    worth = float(np.interp(leader, xs, ys))
    scale = (1 - worth) / (1 - leader) if leader < 1 else 0.0
    found = tuple(worth if share == leader else min(worth, share * scale) for share in shares)
    if sum(found) > 1:
        found = tuple(share / sum(found) for share in found)
    return found, max(0.0, 1 - sum(found))
