"""How well and how fast log templates are mined, on the eight systems of loghub's 2,000-line samples.

Prints for each system grouping accuracy (GA: the share of lines whose group holds exactly the lines of their true
template) and the F1 of whole groups (FGA), then lines per second of CPU time, against drain3 with its defaults where
that is installed. The data lie in `../shared/data/loghub`, or where the first argument says.

GA: Zhu et al., Tools and Benchmarks for Automated Log Parsing, ICSE-SEIP 2019. FGA: Jiang et al., A Large-Scale
Evaluation for Log Parsing Techniques, ISSTA 2024.
"""

from __future__ import annotations

import csv
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from andon.analysis.templates import mine

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "loghub"
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


def measure(name: str, miner: Miner, folders: Sequence[Path]) -> None:
    print(f"{name:12}{'GA':>8}{'FGA':>8}{'lines/CPU s':>14}")
    scores = []
    for folder in folders:
        lines, true = read(folder)
        score = (*accuracy(miner(lines), true), lines_per_second(miner, varied(lines)))
        scores.append(score)
        print(f"{folder.name:12}{score[0]:8.3f}{score[1]:8.3f}{score[2]:14,.0f}")
    means = [sum(column) / len(scores) for column in zip(*scores, strict=True)]
    print(f"{'mean':12}{means[0]:8.3f}{means[1]:8.3f}{means[2]:14,.0f}\n")


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    folders = sorted(path.parent for path in data.glob("*/*_2k.log_structured.csv"))
    if not folders:
        sys.exit(f"no loghub data in {data}")
    measure("andon", ours, folders)
    drain = drain3()
    if drain is None:
        print("drain3 is not installed: no comparison")
    else:
        measure("drain3", drain, folders)


if __name__ == "__main__":
    main()
