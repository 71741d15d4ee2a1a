"""Where the time of an investigation goes: `python -m benchmarks.profiling`, or `make profile`.

The recorded incident and the large one at a quarter of its size, each stage under the profiler of the standard library,
in one process. Seconds are of CPU. The profiler makes calls of small functions look dearer than they are: compare shares.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import ROOT
from benchmarks.large_incident import make
from benchmarks.stages import stages

__all__ = ["profile"]

_RECORDED = ROOT / "examples" / "door-unlock.zip"
_QUESTION = "Users of the iOS app cannot unlock their car doors remotely."
_SIZE = 0.25
_TOP_OF_STAGE, _TOP = 3, 25

Row = tuple[str, int, float, float]
"""A function, how often it was called, seconds inside of it alone, and with what it calls."""


def profile(title: str, folder: Path, question: str) -> None:
    """Prints each stage with its share and dearest functions, then the dearest functions of all stages."""
    profiles: dict[str, cProfile.Profile] = {}

    @contextmanager
    def around(name: str) -> Iterator[None]:
        profiles[name] = cProfile.Profile(time.process_time)
        with profiles[name]:
            yield

    found = list(stages(folder, question, around))
    whole = sum(stage.cpu for stage in found)
    print(f"\n{title}: {whole:.2f} CPU seconds under the profiler\n")
    for stage in found:
        print(f"{stage.name:16} {stage.cpu:8.2f} s {stage.cpu / whole:7.1%}   {stage.count:,} {stage.items}")
        for name, _, own, _ in _rows(pstats.Stats(profiles[stage.name]))[:_TOP_OF_STAGE]:
            print(f"{'':16} {own:8.2f} s {own / whole:7.1%}     {name}")
    together = pstats.Stats(*profiles.values())
    rows = _rows(together)
    total = sum(own for _, _, own, _ in rows)
    print(f"\n{'own s':>8} {'share':>7} {'with callees':>13} {'calls':>11}  function")
    for name, calls, own, cumulative in rows[:_TOP]:
        print(f"{own:8.2f} {own / total:7.1%} {cumulative:13.2f} {calls:11,}  {name}")


def _rows(stats: pstats.Stats) -> list[Row]:
    """The functions, dearest first."""
    found = [
        (_place(*function), calls, own, cumulative)
        for function, (_, calls, own, cumulative, _) in stats.stats.items()
    ]
    return sorted(found, key=lambda row: -row[2])


def _place(file: str, line: int, name: str) -> str:
    if file == "~":
        return name.strip("<>")
    path = Path(file)
    for root in (ROOT / "src", ROOT):
        if path.is_relative_to(root):
            return f"{path.relative_to(root)}:{line} {name}"
    return f"{'/'.join(path.parts[-2:])}:{line} {name}"


def main() -> None:
    os.environ["ANDON_JOBS"] = "1"
    profile("recorded incident", _RECORDED, _QUESTION)
    with tempfile.TemporaryDirectory(prefix="andon-large-") as temporary:
        incident = make(Path(temporary) / "incident", _SIZE)
        profile(f"large incident, size {_SIZE:g}", incident.folder, f"{incident.symptom} is slow")


if __name__ == "__main__":
    main()
