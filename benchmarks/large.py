"""What a large incident costs, and whether its cause is found: at a quarter, half and all of the size."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Options, say
from benchmarks.large_incident import make
from benchmarks.processes import has_command, investigate_by_api, investigate_by_command

__all__ = ["BENCHMARK"]

_GIB = 1 << 30


def measure(options: Options) -> Iterator[Figure]:
    for size in options.sizes:
        yield from _at(size)


def _at(size: float) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as temporary:
        incident = make(Path(temporary) / "incident", size)
        megabytes = sum(path.stat().st_size for path in incident.folder.iterdir()) / 1e6
        say(
            f"large {size:g}: {megabytes:,.0f} MB made; culprit {incident.culprit}, noticed at {incident.symptom}"
        )
        investigate = investigate_by_command if has_command() else investigate_by_api
        cost = investigate(f"{incident.symptom} is slow", incident.folder)
    first = (cost.hypotheses or [{}])[0] if cost.code in (0, 10) else {}
    say(
        f"large {size:g}: exit code {cost.code}, {cost.wall:.0f} s, named {first.get('component')}, {first.get('change')}"
    )
    full = size == 1
    yield Figure(
        f"CPU seconds, size {size:g} ({megabytes:,.0f} MB)",
        f"{cost.cpu:.0f}",
        1,
        goal="under 90" if full else "",
    )
    yield Figure(
        f"peak memory in GB, size {size:g}", f"{cost.memory / 1e9:.2f}", 1, goal="under 4" if full else ""
    )
    right = first.get("change") == incident.change and first.get("component") == incident.culprit
    yield Figure(
        f"guilty service and deploy named first, size {size:g}", "yes" if right else "no", 1, goal="yes"
    )


BENCHMARK = Benchmark("large", __doc__.split("\n", 1)[0], measure)
