"""What one investigation of the recorded example costs on the command line, start of the program included."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks.figures import ROOT, Benchmark, Figure, Options, Unmeasured
from benchmarks.processes import has_command, investigate_by_command

__all__ = ["BENCHMARK"]

_BUNDLE = ROOT / "examples" / "door-unlock.zip"
_QUESTION = "Users of the iOS app cannot unlock their car doors remotely."
_RUNS = 3


def measure(_: Options) -> Iterator[Figure]:
    if not has_command():
        raise Unmeasured("there is no command line")
    costs = [investigate_by_command(_QUESTION, _BUNDLE) for _ in range(_RUNS)]
    if any(cost.code for cost in costs):
        raise Unmeasured(f"the command ended with {[cost.code for cost in costs]}")
    for what, values, goal in (
        ("CPU seconds, median", [cost.cpu for cost in costs], "under 2"),
        ("peak memory in MB, median", [cost.memory / 1e6 for cost in costs], "under 300"),
    ):
        spread = f"from {min(values):.2f} to {max(values):.2f} (range)"
        yield Figure(what, f"{median(values):.2f}", _RUNS, spread, goal)


BENCHMARK = Benchmark("recorded_incident", __doc__.split("\n", 1)[0], measure)
