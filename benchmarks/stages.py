"""One investigation, stage by stage: CPU seconds, seconds of the clock and items of each, as JSON on stdout.

`python -m benchmarks.stages FOLDER QUESTION`: the incident is taken to be the last half hour of the data, or their
later half where they are short. The stages ask for what the investigation needs, so that what is left for the last one
is weighing and writing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

from andon.connectors.files import FilesSource
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.investigation.tools import logs, metrics, traces
from andon.storage import Ledger
from andon.telemetry import Window

__all__ = ["Around", "Stage", "stages"]

_EVER = Window(0.0, 4e9)
_INCIDENT = 1800.0


@dataclass(frozen=True, slots=True)
class Stage:
    """`cpu` counts worker processes; `count` says how many of `items` there were."""

    name: str
    cpu: float
    wall: float
    count: int
    items: str


Around = Callable[[str], AbstractContextManager[object]]
"""What a stage of that name runs inside of."""


def stages(folder: Path, question: str, around: Around = lambda _: nullcontext()) -> Iterator[Stage]:
    """Runs them all, one after the other."""

    def timed(name: str, items: str, work: Callable[[], int]) -> Stage:
        before = os.times()
        with around(name):
            count = work()
        after = os.times()
        return Stage(name, sum(after[:4]) - sum(before[:4]), after.elapsed - before.elapsed, count, items)

    source = FilesSource.open(folder)
    counts = {}
    for name, items, read in (
        ("parse logs", "lines", source.logs),
        ("parse metrics", "points", source.metrics),
        ("parse spans", "spans", source.spans),
    ):
        yield timed(name, items, lambda read=read: read(_EVER).count)
        counts[items] = read(_EVER).count
    info = source.info()
    if info.extent is None:
        raise SystemExit(f"{folder} holds no telemetry")
    middle = max(info.extent.end - _INCIDENT, (info.extent.start + info.extent.end) / 2)
    baseline, incident = Window(info.extent.start, middle), Window(middle, info.extent.end)
    box, series = Toolbox([source], Ledger()), len(source.metrics(_EVER).value)

    def compare_logs() -> int:
        logs.compare(box, baseline, incident)
        logs.error_families(box, baseline, incident)
        return counts["lines"]

    def compare_series() -> int:
        metrics.survey(box, info.extent or _EVER)
        metrics.compare(box, baseline, incident)
        return series

    def tally() -> int:
        traces.survey(box, info.extent or _EVER)
        traces.compare(box, baseline, incident)
        return counts["spans"]

    def rank() -> int:
        return len(investigate("stages", Question(question, incident=incident), box, [info]).hypotheses)

    yield timed("mine templates", "lines", lambda: len(box.templates(source, info.extent or _EVER)[1].codes))
    yield timed("compare logs", "lines", compare_logs)
    yield timed("compare series", "series", compare_series)
    yield timed("tally calls", "spans", tally)
    yield timed("rank", "hypotheses", rank)


if __name__ == "__main__":
    for stage in stages(Path(sys.argv[1]), sys.argv[2]):
        print(json.dumps(asdict(stage)), flush=True)
