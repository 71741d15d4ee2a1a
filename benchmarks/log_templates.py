"""How well and how fast log templates are mined, on the eight systems of loghub's 2,000-line samples.

Grouping accuracy (GA) is the share of lines whose group holds exactly the lines of their true template, FGA the F1 of
whole groups. Speed is lines per second of CPU time. drain3 with its defaults runs beside where that is installed.

GA: Zhu et al., Tools and Benchmarks for Automated Log Parsing, ICSE-SEIP 2019. FGA: Jiang et al., A Large-Scale
Evaluation for Log Parsing Techniques, ISSTA 2024.
"""

from __future__ import annotations

import csv
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from statistics import mean

from andon.analysis.templates import mine
from benchmarks.figures import Benchmark, Figure, Options, Unmeasured, say

__all__ = ["BENCHMARK"]

COPIES = 20

Miner = Callable[[Sequence[str]], Sequence[Hashable]]


def ours(lines: Sequence[str]) -> Sequence[Hashable]:
    codes: list[int] = mine(lines).codes.tolist()
    return codes


def drain3() -> Miner | None:
    try:
        from drain3 import TemplateMiner
        from drain3.template_miner_config import TemplateMinerConfig
    except ImportError:
        return None

    def drain(lines: Sequence[str]) -> Sequence[Hashable]:
        miner = TemplateMiner(config=TemplateMinerConfig())
        return [miner.add_log_message(line)["cluster_id"] for line in lines]

    return drain


def read(folder: Path) -> tuple[list[str], list[str]]:
    with open(folder / f"{folder.name}_2k.log_structured.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["Content"] for row in rows], [row["EventId"] for row in rows]


def accuracy(found: Sequence[Hashable], true: Sequence[Hashable]) -> tuple[float, float]:
    """GA and FGA."""
    wanted = set(groups(true))
    got = groups(found)
    right = [lines for lines in got if lines in wanted]
    return sum(map(len, right)) / len(true), 2 * len(right) / (len(got) + len(wanted))


def groups(labels: Sequence[Hashable]) -> list[tuple[int, ...]]:
    members: defaultdict[Hashable, list[int]] = defaultdict(list)
    for i, label in enumerate(labels):
        members[label].append(i)
    return [tuple(lines) for lines in members.values()]


def varied(lines: Sequence[str]) -> list[str]:
    """The lines many times over, each time with other numbers in them."""
    chance = random.Random(7)
    return [
        re.sub("[0-9]+", lambda digits: str(chance.randrange(10 ** min(len(digits[0]), 9))), line)
        for _ in range(COPIES)
        for line in lines
    ]


def lines_per_second(miner: Miner, lines: Sequence[str]) -> float:
    start = time.process_time()
    miner(lines)
    return len(lines) / (time.process_time() - start)


def measure(options: Options) -> Iterator[Figure]:
    folders = sorted(path.parent for path in (options.data / "loghub").glob("*/*_2k.log_structured.csv"))
    if not folders:
        raise Unmeasured("no data in loghub")
    yield from _measured("andon", ours, folders)
    drain = drain3()
    if drain is None:
        say("log_templates: drain3 is not installed: no comparison with it")
    else:
        yield from _measured("drain3 with its defaults", drain, folders)


def _measured(name: str, miner: Miner, folders: Sequence[Path]) -> Iterator[Figure]:
    scores = []
    for folder in folders:
        lines, true = read(folder)
        scores.append((*accuracy(miner(lines), true), lines_per_second(miner, varied(lines))))
        say(f"log_templates {folder.name}: {name} GA {scores[-1][0]:.3f}, FGA {scores[-1][1]:.3f}")
    accurate, whole, fast = ([score[i] for score in scores] for i in range(3))
    for what, values in (("grouping accuracy", accurate), ("F1 of whole groups", whole)):
        yield Figure(f"{what}, mean, {name}", f"{mean(values):.3f}", len(folders), _range(values, ".3f"))
    yield Figure(
        f"lines per CPU second, mean, {name}", f"{mean(fast):,.0f}", len(folders), _range(fast, ",.0f")
    )


def _range(values: Sequence[float], form: str) -> str:
    return f"from {min(values):{form}} to {max(values):{form}} (range)"


BENCHMARK = Benchmark(
    "log_templates",
    "Log templates mined from 2,000 lines of each of eight systems (loghub), against the true ones.",
    measure,
)
