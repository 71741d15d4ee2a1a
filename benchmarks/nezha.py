"""Which service is at fault and what kind of fault it is: traces, logs and pod metrics of Nezha's recorded applications."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from andon.connectors.files import FilesSource
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.report import Hypothesis, Report
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from benchmarks.figures import Benchmark, Figure, Options, Unmeasured, say, share
from benchmarks.nezha_cases import Case, cases, days, quiet_cases, unpacked

__all__ = ["BENCHMARK"]

_QUESTION = "The application misbehaves"
_MECHANISMS = {
    "cpu_contention": ("resource-exhaustion",),
    "cpu_consumed": ("resource-exhaustion",),
    "memory": ("resource-exhaustion",),
    "network_delay": ("network-delay",),
    "exception": ("code-exception", "bad-deploy"),
    "return": ("wrong-result",),
}
"""Which mechanisms are right for what was injected."""
_GOALS = {1: "at least 0.89", 3: "1.00"}


@dataclass(frozen=True)
class _Answer:
    """What was listed for a case: services in order, the first one's mechanism, and CPU seconds.

    `named`: more than leads, for something is abnormal beyond chance.
    """

    case: Case
    services: tuple[str, ...]
    mechanism: str
    named: bool = True
    seconds: float = 0.0

    @property
    def place(self) -> int:
        """The place of the service at fault, from 1; 0 when it is not named."""
        return self.services.index(self.case.service) + 1 if self.case.service in self.services else 0

    @property
    def kind_right(self) -> bool:
        return self.place == 1 and self.mechanism in _MECHANISMS.get(self.case.kind, ())


def measure(options: Options) -> Iterator[Figure]:
    root = options.data / "nezha"
    if not root.is_dir():
        raise Unmeasured(f"no data in {root.name}")
    with tempfile.TemporaryDirectory() as scratch, unpacked(root, Path(scratch)) as folder:
        found = days(folder)
        if not found:
            raise Unmeasured("no day with a list of faults and fault-free telemetry in nezha")
        answers, others, named = [], [], []
        for day in found:
            for case in cases(day):
                answers.append(_ours(case))
                others.append(_n_sigma(case))
            named += [_ours(case) for case in quiet_cases(day)]
    yield from _figures(answers, others, named)


def _figures(
    answers: Sequence[_Answer], others: Sequence[_Answer], quiet: Sequence[_Answer]
) -> Iterator[Figure]:
    days = {
        "days looked at": [a for a in answers if a.case.development],
        "other days": [a for a in answers if not a.case.development],
    }
    for which, some in days.items():
        if not some:
            continue
        for k in (1, 3):
            hits = sum(0 < a.place <= k for a in some)
            yield share(f"AS@{k}, andon, {which}", hits, len(some), _GOALS[k])
        named = [a for a in some if a.named and a.services]
        yield share(f"a culprit is named, not only leads, andon, {which}", len(named), len(some))
        if named:
            first = sum(a.place == 1 for a in named)
            yield share(f"AS@1 where one is named, andon, {which}", first, len(named))
        right = sum(a.kind_right for a in some)
        yield share(f"service and kind of fault right, andon, {which}", right, len(some), "at least 0.80")
    for kind in sorted({a.case.kind for a in answers}):
        some = [a for a in answers if a.case.kind == kind]
        yield share(f"AS@1, andon, {kind}", sum(a.place == 1 for a in some), len(some))
    for k in (1, 3):
        hits = sum(0 < a.place <= k for a in others)
        yield share(f"AS@{k}, N-Sigma on pod metrics (ours)", hits, len(others))
        chance = float(np.mean([min(1.0, k / len(a.case.services)) for a in answers]))
        yield Figure(f"AS@{k}, chance", f"{chance:.2f}", len(answers))
    if quiet:
        wrong = sum(bool(a.services) and a.named for a in quiet)
        yield share("culprit named on a quiet window", wrong, len(quiet), "at most 0.15")
        leads = sum(bool(a.services) and not a.named for a in quiet)
        yield share("leads told on a quiet window, no culprit named", leads, len(quiet))
    seconds = f"{np.median([a.seconds for a in answers]):.1f} s"
    yield Figure("CPU time of a case, median, reading files included", seconds, len(answers))


def _ours(case: Case) -> _Answer:
    start = time.process_time()
    try:
        report = _report(case)
    except Exception as error:  # An investigation that fails is a wrong answer, on quiet time too.
        say(f"nezha {case.name}: failed: {type(error).__name__}: {error}")
        return _Answer(case, ("failed",), "")
    hypotheses, named = report.hypotheses, report.symptom.abnormal
    services = tuple(dict.fromkeys(h.name for h in hypotheses))
    mechanism = hypotheses[0].mechanism if hypotheses else ""
    answer = _Answer(case, services, mechanism, named, time.process_time() - start)
    told = f"{answer.place or 'missed'}, kind {'right' if answer.kind_right else 'wrong'}"
    say(f"nezha {case.name} {case.kind}: {told if case.kind else 'quiet'}; {_said(hypotheses, named)}")
    return answer


def _said(hypotheses: Sequence[Hypothesis], named: bool) -> str:
    if not hypotheses:
        return "named nothing"
    first, how = hypotheses[0], "named" if named else "led to"
    return f"{how} {first.mechanism} at {first.name} ({first.likelihood:.2f})"


def _report(case: Case) -> Report:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "case"
        case.write(folder)
        source = FilesSource.open(folder)
        question = Question(
            _QUESTION, components=(case.entry,), incident=case.incident, baseline=case.baseline
        )
        return investigate("bench", question, Toolbox([source], Ledger()), [source.info()])


def _n_sigma(case: Case) -> _Answer:
    """Services by the largest deviation of any of their metrics, in standard deviations of the hour before."""
    service = np.array([cells[1] for _, cells in case.metrics.rows])
    times = np.array([time for time, _ in case.metrics.rows]) / 1e9
    values = np.array([[_number(cell) for cell in cells[2:]] for _, cells in case.metrics.rows])
    found = {}
    for name in case.services:
        mine = service == name
        past, now = (
            values[mine & (times >= w.start) & (times < w.end)] for w in (case.baseline, case.incident)
        )
        if len(past) > 1 and len(now):
            spread = np.nanstd(past, axis=0)
            z = np.nanmax(np.abs(now - np.nanmean(past, axis=0)), axis=0)[spread > 0] / spread[spread > 0]
            found[name] = float(np.nanmax(z, initial=0.0))
    return _Answer(case, tuple(sorted(found, key=lambda name: -found[name])), "")


def _number(cell: str) -> float:
    return float(cell) if cell else float("nan")


BENCHMARK = Benchmark(
    "nezha",
    "Which service of a microservice application is at fault, and what kind of fault it is, from two minutes of traces, logs and "
    "pod metrics. The entry service and both windows are given; the question names no culprit and no kind of trouble. AS@k: the "
    "service at fault is among the first k listed, be they named or mere leads, which are told of a stated incident where nothing "
    "is abnormal beyond chance. Every case of 2023-01-29 was looked at while andon was written; cases of other days were not.",
    measure,
)
