"""The living estate: breaks it anew with each seed, with fresh load, onset and harmless changes, and asks why."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from andon.demo import run_fault
from benchmarks import estate
from benchmarks.figures import Benchmark, Figure, Options, say

__all__ = ["BENCHMARK"]

_SEEDS = {"ingress-rule-removed": 201, "database-password-rotated": 301, "bad-deploy": 401, "none": 501}
"""The first seed of each fault; no other part of the project uses these."""

_GOALS = {
    ("ingress-rule-removed", "guilty change first"): "all",
    ("database-password-rotated", "guilty change first"): "9 of 10 with bad-deploy",
    ("bad-deploy", "guilty change first"): "9 of 10 with database-password-rotated",
    ("none", "nothing named where nothing broke"): "all",
}


def measure(options: Options) -> Iterator[Figure]:
    """The first fault with `runs` seeds, the others with half as many; about 95 seconds a run.

    Bundles are kept in `--bundles` where that is given, and not recorded again.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.bundles or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for i, (fault, seed) in enumerate(_SEEDS.items()):
            runs = options.runs if i == 0 else (options.runs + 1) // 2
            bundles = [_recorded(fault, seed + k, folder) for k in range(runs)]
            for figure in estate.figures([estate.judged(bundle) for bundle in bundles]):
                yield replace(
                    figure, what=f"{fault}: {figure.what}", goal=_GOALS.get((fault, figure.what), "")
                )


def _recorded(fault: str, seed: int, folder: Path) -> Path:
    bundle = folder / f"{fault}-{seed}.zip"
    if not (bundle.is_file() and bundle.with_suffix(".truth.json").is_file()):
        say(f"live: recording {fault} with seed {seed}")
        run_fault(fault, seed, bundle)
    return bundle


BENCHMARK = Benchmark("live", __doc__.split("\n", 1)[0], measure, arguments="--runs {runs}", by_default=False)
