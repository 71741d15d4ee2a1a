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
    """Each fault with `runs` seeds that no other part of the project uses; about 95 seconds a run."""
    verdicts = []
    with tempfile.TemporaryDirectory() as temporary:
        for fault in FAULTS:
            for seed in range(_FIRST_SEED, _FIRST_SEED + options.runs):
                bundle = Path(temporary) / f"{fault}-{seed}.zip"
                say(f"live: recording {fault} with seed {seed}")
                run_fault(fault, seed, bundle)
                verdicts.append(estate.judge(bundle))
    yield from estate.figures(verdicts)


BENCHMARK = Benchmark("live", __doc__.split("\n", 1)[0], measure, arguments="--runs {runs}", by_default=False)
