"""The labelled campaign of the demo estate: every fault many times, and days on which nothing is broken."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from andon.demo import FAULTS
from benchmarks.campaign_cases import measured, truth_file
from benchmarks.campaign_figures import figures
from benchmarks.campaign_records import CASES
from benchmarks.figures import ROOT, Benchmark, Exhibit, Figure, Options, Unmeasured, say

__all__ = ["BENCHMARK", "bundles_of"]

_FOLDER = ROOT / ".bench" / "campaign"
_SEED = 1
"""No other part of the project records with it."""
_ROUNDS = 9
"""Times that every fault is recorded: three for development, six unseen."""


def measure(options: Options) -> Iterator[Figure | Exhibit]:
    """The asked part of `--bundles`, or of our own campaign, which is recorded first where it is missing."""
    cases = measured(bundles_of(options, options.part), options.jobs)
    yield from figures(cases)
    yield Exhibit("part", {"name": options.part, "recorded": _recorded(options.bundles or _FOLDER)})
    yield Exhibit("cases", CASES.dump_python(cases, mode="json"))


def bundles_of(options: Options, part: str) -> list[Path]:
    """The bundles of a part. Raises Unmeasured where there are none and none can be recorded."""
    folder = options.bundles or _FOLDER
    if not (folder / part).is_dir():
        if options.bundles:
            raise Unmeasured(f"there is no {part} part in the given folder")
        _record(folder)
    found = [b for b in sorted((folder / part).glob("*.zip")) if truth_file(b).is_file()]
    if not found:
        raise Unmeasured(f"the {part} part holds no bundle with a truth file")
    return found


def _record(folder: Path) -> None:
    cases = _ROUNDS * len(FAULTS)
    say(
        f"campaign: recording {cases} cases, four at once: about {cases * 100 / 4 / 3600:.0f} hours; it may be interrupted"
    )
    command = [sys.executable, "-m", "andon", "demo", "campaign", "--cases", str(cases)]
    done = subprocess.run([*command, "--seed", str(_SEED), "--out", str(folder)], check=False)
    if done.returncode:
        raise Unmeasured(f"recording the campaign ended with exit code {done.returncode}")


def _recorded(folder: Path) -> dict[str, int]:
    """How many cases each part has."""
    index = folder / "campaign.json"
    if index.is_file():
        parts = [case["part"] for case in json.loads(index.read_text(encoding="utf-8"))["cases"]]
    else:
        parts = [bundle.parent.name for bundle in folder.glob("*/*.zip")]
    return {part: parts.count(part) for part in sorted(set(parts))}


BENCHMARK = Benchmark(
    "campaign",
    "Which change, component and mechanism broke the demo estate, or that nothing did, from the recording and the words of whoever "
    "complained, among harmless changes.",
    measure,
    arguments="--part {part}",
)
