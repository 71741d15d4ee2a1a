"""How well and how fast log templates are mined, on the eight systems of loghub's 2,000-line samples.

Grouping accuracy (GA) is the share of lines whose group holds exactly the lines of their true template, FGA the F1 of
whole groups. Speed is lines per second of CPU time, of the mining alone, on files of 125,000 lines a system, which
`log_lines` makes from the samples; `--sizes` of 0.1 makes a tenth of them. drain3 with its defaults runs beside where that
is installed; on a system where it has not read the file after LIMIT seconds, its speed is that until then.

GA: Zhu et al., Tools and Benchmarks for Automated Log Parsing, ICSE-SEIP 2019. FGA: Jiang et al., A Large-Scale
Evaluation for Log Parsing Techniques, ISSTA 2024.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean, mean
from tempfile import TemporaryDirectory

from andon.analysis.templates import Miner
from benchmarks.figures import Benchmark, Figure, Options, Unmeasured, say
from benchmarks.log_lines import Sample, varied

__all__ = ["BENCHMARK"]

LINES = 125_000
LIMIT = 20.0
"""CPU seconds; drain3 slows down as its clusters grow, so that this favours it."""
BATCH = 2000


class Andon:
    """Our miner behind the seam of the benchmark."""

    name = "andon"

    def __init__(self) -> None:
        self._miner = Miner()
        self._codes: list[int] = []

    def add(self, lines: Sequence[str]) -> None:
        self._codes.extend(self._miner.add(lines).tolist())

    def groups(self) -> Sequence[Hashable]:
        index = self._miner.table().codes.tolist()
        return [index[code] for code in self._codes]


class Drain3:
    """drain3 with its defaults behind the same seam."""

    name = "drain3 with its defaults"

    def __init__(self) -> None:
        from drain3 import TemplateMiner
        from drain3.template_miner_config import TemplateMinerConfig

        self._miner = TemplateMiner(config=TemplateMinerConfig())
        self._codes: list[int] = []

    def add(self, lines: Sequence[str]) -> None:
        mined = self._miner.add_log_message
        self._codes.extend(mined(line)["cluster_id"] for line in lines)

    def groups(self) -> Sequence[Hashable]:
        return self._codes


@dataclass(frozen=True)
class Score:
    """One miner on one system: accuracies on the sample, speed and grouping accuracy on the large file."""

    accuracy: float
    whole: float
    speed: float
    large: float


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


def measure(options: Options) -> Iterator[Figure]:
    folders = sorted(path.parent for path in (options.data / "loghub").glob("*/*_2k.log_structured.csv"))
    if not folders:
        raise Unmeasured("no data in loghub")
    samples = [Sample.read(folder) for folder in folders]
    miners: list[type[Andon] | type[Drain3]] = [Andon]
    try:
        import drain3  # noqa: F401
    except ImportError:
        say("log_templates: drain3 is not installed: no comparison with it")
    else:
        miners.append(Drain3)
    count = round(LINES * max(options.sizes))
    scores: dict[str, list[Score]] = {miner.name: [] for miner in miners}
    with TemporaryDirectory() as folder:
        for sample in samples:
            path, labels = written(sample, count, Path(folder))
            for miner in miners:
                score = scored(miner, sample, path, labels)
                scores[miner.name].append(score)
                say(
                    f"log_templates {sample.name}: {miner.name} GA {score.accuracy:.3f}, FGA {score.whole:.3f}; "
                    f"{score.speed:,.0f} lines/s, GA {score.large:.3f} of {count:,} lines"
                )
    for name, found in scores.items():
        yield from _figures(name, found, count)
    if len(miners) > 1:
        yield _ratio(scores[Andon.name], scores[Drain3.name])


def written(sample: Sample, count: int, folder: Path) -> tuple[Path, list[str]]:
    """A file of so many lines made from the sample, and their labels."""
    lines, labels = varied(sample, count)
    path = folder / f"{sample.name}.log"
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    return path, labels


def scored(miner: type[Andon] | type[Drain3], sample: Sample, path: Path, labels: Sequence[str]) -> Score:
    small = miner()
    small.add(sample.lines)
    lines = path.read_text(encoding="utf-8", errors="surrogatepass").split("\n")
    large, done = miner(), 0
    start = time.process_time()
    while done < len(lines) and time.process_time() - start < LIMIT:
        large.add(lines[done : done + BATCH])
        done += len(lines[done : done + BATCH])
    found = large.groups()
    seconds = time.process_time() - start
    return Score(*accuracy(small.groups(), sample.labels), done / seconds, accuracy(found, labels[:done])[0])


def _figures(name: str, scores: Sequence[Score], count: int) -> Iterator[Figure]:
    accurate, whole = [score.accuracy for score in scores], [score.whole for score in scores]
    fast, large = [score.speed for score in scores], [score.large for score in scores]
    for what, values in (
        ("grouping accuracy, mean", accurate),
        ("F1 of whole groups, mean", whole),
        (f"grouping accuracy of {count:,} varied lines, mean", large),
    ):
        goal = "0.95" if name == Andon.name and values is accurate else ""
        yield Figure(f"{what}, {name}", f"{mean(values):.3f}", len(scores), _range(values, ".3f"), goal)
    yield Figure(
        f"lines per CPU second, {count:,} lines a system, geometric mean, {name}",
        f"{geometric_mean(fast):,.0f}",
        len(scores),
        _range(fast, ",.0f"),
    )


def _ratio(ours: Sequence[Score], theirs: Sequence[Score]) -> Figure:
    ratios = [own.speed / other.speed for own, other in zip(ours, theirs, strict=True)]
    return Figure(
        "times drain3's lines per CPU second, geometric mean of the systems",
        f"{geometric_mean(ratios):.1f}",
        len(ratios),
        _range(ratios, ".1f"),
        "3",
    )


def _range(values: Sequence[float], form: str) -> str:
    return f"from {min(values):{form}} to {max(values):{form}} (range)"


BENCHMARK = Benchmark(
    "log_templates",
    "Log templates mined from 2,000 lines of each of eight systems (loghub), against the true ones, and from large files "
    "made of them.",
    measure,
)
