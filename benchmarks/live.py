"""The living estate: breaks it anew with each seed, with fresh load, onset and harmless changes, and asks why."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from andon.demo import FAULTS, run_fault
from benchmarks import estate
from benchmarks.figures import Benchmark, Figure, Options, say

__all__ = ["BENCHMARK"]

_FIRST_SEED = 1_000


def measure(options: Options) -> Iterator[Figure]:
    """Each fault with `runs` seeds that no other part of the project uses; about 95 seconds a run.

    Bundles are kept in `--bundles` where that is given, and not recorded again.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.bundles or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        seeds = range(_FIRST_SEED, _FIRST_SEED + options.runs)
        yield from estate.figures(
            [estate.judge(_recorded(fault, seed, folder)) for fault in FAULTS for seed in seeds]
        )


def _recorded(fault: str, seed: int, folder: Path) -> Path:
    bundle = folder / f"{fault}-{seed}.zip"
    if not (bundle.is_file() and bundle.with_suffix(".truth.json").is_file()):
        say(f"live: recording {fault} with seed {seed}")
        run_fault(fault, seed, bundle)
    return bundle


BENCHMARK = Benchmark("live", __doc__.split("\n", 1)[0], measure, arguments="--runs {runs}", by_default=False)
