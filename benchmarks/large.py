"""What a large incident costs, stage by stage, how that grows, and whether its cause is found."""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import Benchmark, Figure, Options, Unmeasured, say
from benchmarks.large_incident import Incident, make
from benchmarks.processes import investigate_by_command, run

__all__ = ["BENCHMARK"]

_GOALS = {1.0: ("under 30", "", "under 2"), 10.0: ("", "under 360", "under 4")}
"""CPU seconds, seconds of the clock and GB of memory at a size."""

Costs = dict[str, tuple[float, int, str]]
"""CPU seconds of each stage, and how many of which items it worked on."""


def measure(options: Options) -> Iterator[Figure]:
    costs: dict[float, Costs] = {}
    for size in sorted(options.sizes):
        with tempfile.TemporaryDirectory(prefix="andon-large-") as temporary:
            incident = make(Path(temporary) / "incident", size)
            yield from _whole(incident, size)
            costs[size] = _stages(incident, size)
    yield from _throughput(costs)


def _whole(incident: Incident, size: float) -> Iterator[Figure]:
    megabytes = sum(path.stat().st_size for path in incident.folder.iterdir()) / 1e6
    say(
        f"large {size:g}: {megabytes:,.0f} MB made; culprit {incident.culprit}, noticed at {incident.symptom}"
    )
    cost = investigate_by_command(f"{incident.symptom} is slow", incident.folder)
    first = (cost.hypotheses or [{}])[0] if cost.code in (0, 10) else {}
    say(f"large {size:g}: exit code {cost.code}, named {first.get('component')}, {first.get('change')}")
    say(f"large {size:g}: {cost.cpu:.1f} CPU s, {cost.wall:.1f} s, {cost.memory / 1e9:.2f} GB")
    cpu, wall, memory = _GOALS.get(size, ("", "", ""))
    yield Figure(f"CPU seconds, size {size:g} ({megabytes:,.0f} MB)", f"{cost.cpu:.0f}", 1, goal=cpu)
    yield Figure(f"seconds of the clock, size {size:g}", f"{cost.wall:.0f}", 1, goal=wall)
    gigabytes = f"{cost.memory / 1e9:.2f}"
    yield Figure(f"peak memory of all processes in GB, size {size:g}", gigabytes, 1, goal=memory)
    right = first.get("change") == incident.change and first.get("component") == incident.culprit
    named = "yes" if right else "no"
    yield Figure(f"guilty service and deploy named first, size {size:g}", named, 1, goal="yes")


def _stages(incident: Incident, size: float) -> Costs:
    question = f"{incident.symptom} is slow"
    cost = run([sys.executable, "-m", "benchmarks.stages", str(incident.folder), question])
    if cost.code:
        raise Unmeasured(f"the stages at size {size:g} ended with {cost.code}")
    found = [json.loads(line) for line in cost.output.splitlines()]
    for stage in found:
        say(f"large {size:g}: {stage['name']:15} {stage['cpu']:7.2f} CPU s {stage['wall']:7.2f} s")
    return {stage["name"]: (stage["cpu"], stage["count"], stage["items"]) for stage in found}


def _throughput(costs: dict[float, Costs]) -> Iterator[Figure]:
    """Items a CPU second at the largest size, and the exponent of the growth of CPU seconds over all sizes."""
    largest = max(costs)
    for name, (cpu, count, items) in costs[largest].items():
        rate = f"{count / cpu:,.0f} {items}" if items != "hypotheses" else f"{cpu:.1f} CPU seconds"
        yield Figure(f"{name}: a CPU second, size {largest:g}" if items != "hypotheses" else name, rate, 1)
    if len(costs) < 2:
        return
    sizes = ", ".join(f"{size:g}" for size in sorted(costs))
    for name in costs[largest]:
        exponent = _exponent({size: stages[name][0] for size, stages in costs.items()})
        yield Figure(
            f"{name}: CPU seconds grow with the size to the power of", f"{exponent:.2f}", len(costs), sizes
        )


def _exponent(seconds: dict[float, float]) -> float:
    """The slope of a line through the logarithms; clocks tick at a hundredth of a second."""
    x = [math.log(size) for size in seconds]
    y = [math.log(max(cpu, 0.01)) for cpu in seconds.values()]
    return float(np.polyfit(x, y, 1)[0])


BENCHMARK = Benchmark(
    "large",
    __doc__.split("\n", 1)[0],
    measure,
    headings=("Figure", "Value", "n", "sizes", "Goal"),
)
