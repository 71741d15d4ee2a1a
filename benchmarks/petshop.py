"""Which node is at fault: 16 injected faults of PetShop, and windows of quiet days on which nobody is."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from andon.connectors.files import FilesSource
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.report import Report, SymptomKind
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from andon.telemetry import Window
from benchmarks.figures import Benchmark, Figure, Options, Unmeasured, say, share
from benchmarks.methods import Method, anomaly_traversal, baro, chance, n_sigma, place
from benchmarks.petshop_cases import LEVELS, Case, case, issues, read_graph, read_table
from benchmarks.tables import Graph, Table

__all__ = ["BENCHMARK"]

_KINDS = {"latency": SymptomKind.SLOW, "availability": SymptomKind.UNAVAILABLE}
_WORDS = {"latency": "answers slowly", "availability": "fails"}
_QUIET_WINDOWS = 40
_LEAST_PAST = 100
_ROWS = 3
_SEED = 7
_WRONG_BY = (-300.0, -60.0, 60.0, 300.0)
"""Seconds by which the start of the incident is stated wrongly; the points are five minutes apart."""


def measure(options: Options) -> Iterator[Figure]:
    root = options.data / "petshop"
    if not root.is_dir():
        raise Unmeasured(f"no data in {root.name}")
    cases = list(_faults(root))
    yield from _ranked("andon", ours, cases)
    yield from _chance(cases)
    yield _one_answer(cases)
    yield from _ranked("N-Sigma (ours)", n_sigma, cases)
    yield from _ranked("anomaly traversal (ours)", anomaly_traversal, cases)
    if (other := baro()) is None:
        say("petshop: BARO is not installed: no comparison with it")
    else:
        yield from _ranked("BARO", other, cases)
    yield from _wrong_onsets(cases)
    for level in LEVELS:
        for metric in _KINDS:
            yield _quiet_days(root / level, metric)


def ours(case: Case) -> list[str]:
    """The nodes of the hypotheses, in their order, each once."""
    return list(dict.fromkeys(h.name for h in _report(case).hypotheses))


def _report(case: Case) -> Report:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "case"
        case.write(folder)
        source = FilesSource.open(folder)
        question = Question(
            f"{case.target} {_WORDS[case.metric]}",
            components=(case.target,),
            kind=_KINDS[case.metric],
            incident=case.incident,
            baseline=case.baseline,
        )
        return investigate("bench", question, Toolbox([source], Ledger()), [source.info()])


def _faults(root: Path) -> Iterator[Case]:
    for level in (root / name for name in LEVELS):
        quiet, graph = read_table(level / "noissue" / "metrics.csv"), read_graph(level / "graph.csv")
        for issue in issues(level):
            yield case(issue, quiet, graph)


def _ranked(name: str, method: Method, cases: Sequence[Case]) -> Iterator[Figure]:
    ranks = [_rank(name, method, case) for case in cases]
    for k in (1, 3):
        goal = {1: "0.80", 3: "0.95"}[k] if name == "andon" else ""
        yield share(f"AC@{k}, {name}", sum(0 < rank <= k for rank in ranks), len(ranks), goal)


def _rank(name: str, method: Method, case: Case) -> int:
    found = place(f"petshop {case.name}: {name}", method, case, (case.truth,))
    say(f"petshop {case.name} {case.metric}: {name} {found or 'missed'}, truth {case.truth}")
    return found


def _wrong_onsets(cases: Sequence[Case]) -> Iterator[Figure]:
    """How much depends on being told when it began."""
    for seconds in _WRONG_BY:
        moved = [
            replace(case, incident=Window(case.incident.start + seconds, case.incident.end)) for case in cases
        ]
        hits = sum(_rank(f"andon {seconds:+.0f} s", ours, case) == 1 for case in moved)
        yield share(f"AC@1, andon, the incident stated {_off(seconds)}", hits, len(moved))


def _off(seconds: float) -> str:
    return f"{abs(seconds) / 60:.0f} min {'early' if seconds < 0 else 'late'}"


def _chance(cases: Sequence[Case]) -> Iterator[Figure]:
    """What drawing nodes at random would give."""
    for k in (1, 3):
        expected = sum(chance(k, len(case.graph), 1) for case in cases) / len(cases)
        yield Figure(f"AC@{k}, chance", f"{expected:.2f}", len(cases))


def _one_answer(cases: Sequence[Case]) -> Figure:
    """What always naming the node that is at fault most often gives: how little the cases differ."""
    node, hits = Counter(case.truth for case in cases).most_common(1)[0]
    return share(f"AC@1, always naming {node}", hits, len(cases))


def _quiet_days(level: Path, metric: str) -> Figure:
    table, graph = read_table(level / "noissue" / "metrics.csv"), read_graph(level / "graph.csv")
    chance = random.Random(f"{_SEED} {level.name} {metric}")
    starts = chance.sample(range(_LEAST_PAST, len(table.times) - _ROWS + 1), _QUIET_WINDOWS)
    named = 0
    for start in starts:
        named += _names_someone(_quiet(table, start, level, graph, metric))
    return share(
        f"culprit named on a quiet window, {level.name}, {metric}", named, len(starts), "at most 0.20"
    )


def _names_someone(quiet: Case) -> bool:
    """Whether a culprit is named; a failed investigation counts as a wrong one."""
    try:
        hypotheses = _report(quiet).hypotheses
    except Exception as error:
        say(f"petshop {quiet.name}: failed: {type(error).__name__}: {error}")
        return True
    if hypotheses:
        say(f"petshop {quiet.name}: named {hypotheses[0].name} ({hypotheses[0].likelihood:.2f})")
    return bool(hypotheses)


def _quiet(table: Table, start: int, level: Path, graph: Graph, metric: str) -> Case:
    """Three rows as the incident, all rows before as the baseline, and no row after."""
    past, incident = table.rows(0, start), table.rows(start, start + _ROWS)
    return Case(
        f"{level.name}/quiet-{start} {metric}",
        table.rows(0, start + _ROWS),
        graph,
        level / "graph.csv",
        "PetSite",
        metric,
        Window(past.window().start, incident.window().start),
        incident.window(),
    )


BENCHMARK = Benchmark(
    "petshop",
    "Which of about 40 nodes is at fault, from metrics and the call graph alone. The symptom's node, kind and both windows are "
    "given. AC@k: the node at fault is among the first k named. The cases repeat few faults, so they are worth fewer than their number.",
    measure,
)
