"""Live sources: the door incident through a real Prometheus and imitations of Loki, Tempo and CloudTrail in two accounts."""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from andon.app import investigating
from andon.investigation.question import Question
from andon.investigation.report import Report
from benchmarks.figures import ROOT, Benchmark, Figure, Options, Unmeasured, say, share
from benchmarks.live_stack import LiveStack, recorded, stack_of

__all__ = ["BENCHMARK", "QUESTION", "Judged", "judged"]

QUESTION = "Users of the iOS app cannot unlock their car doors remotely."
_FAULT = "ingress-rule-removed"
_SEEDS = range(611, 616)
"""No other part of the project uses these; 601 was looked at while this was built."""
_BASELINE, _INCIDENT = 420.0, 120.0
"""Seconds: together as long as an engineer looks back at least, so that the stores hold more than is needed."""
_LOAD = 3.0
"""Times the usual requests, so that nine minutes hold some sixty thousand spans."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One investigation: whether the first hypothesis is right, bytes fetched and held for each system, CPU seconds of ours."""

    report: Report
    right: bool
    fetched: dict[str, int]
    held: dict[str, int]
    cpu: float
    seconds: float

    @property
    def share(self) -> float:
        return sum(self.fetched.values()) / sum(self.held.values())


def measure(options: Options) -> Iterator[Figure]:
    """Records what is not in `--bundles`, or else `.bench/live-sources`, yet (some ten minutes each), then asks."""
    if shutil.which("prometheus") is None:
        raise Unmeasured("there is no Prometheus here: apt-get install prometheus")
    with tempfile.TemporaryDirectory() as temporary:
        kept = ROOT / ".bench" / "live-sources"
        folder = options.bundles or (kept if kept.is_dir() else Path(temporary))
        found = []
        for seed in _SEEDS:
            say(f"live_sources: seed {seed}")
            length = {"baseline": _BASELINE, "incident": _INCIDENT, "load": _LOAD}
            found.append(judged(recorded(_FAULT, seed, folder, **length)))
        yield from _figures(found)


def judged(recording: Path) -> Judged:
    """Asks the question of the systems on this recording, as somebody would at the end of it."""
    truth = json.loads((recording / "bundle.truth.json").read_text(encoding="utf-8"))["culprits"][0]
    with tempfile.TemporaryDirectory() as home, stack_of(recording, Path(home)) as stack:
        cpu, began = time.process_time(), time.monotonic()
        report = investigating.start(
            Question(QUESTION),
            stack.sources,
            stack.settings,
            last=stack.window.seconds,
            until=stack.window.end,
        )
        spent, seconds = time.process_time() - cpu, time.monotonic() - began
        leader = report.hypotheses[0] if report.hypotheses else None
        right = (
            leader is not None
            and leader.component in truth["components"]
            and leader.mechanism in truth["mechanisms"]
            and leader.change == truth["change"]
        )
        return Judged(report, right, _fetched(stack, report), dict(stack.held), spent, seconds)


def _fetched(stack: LiveStack, report: Report) -> dict[str, int]:
    """Bytes of all answers, by system, as the ledger of the run has them."""
    from andon.app.runs import open_store

    found: dict[str, int] = {}
    with open_store(stack.settings) as store:
        for observation in store.observations(report.run):
            if observation.tool == "fetch":
                found[observation.source] = found.get(observation.source, 0) + observation.content["bytes"]
    return found


def _figures(found: list[Judged]) -> Iterator[Figure]:
    n = len(found)
    yield share("guilty change first", sum(one.right for one in found), n, "all")
    yield share("every claim verified", sum(one.report.verified for one in found), n, "all")
    shares = [one.share for one in found]
    told = f"{statistics.median(shares):.1%}, at most {max(shares):.1%}"
    yield Figure("bytes fetched of what the stores hold for the window", told, n, goal="at most 10 %")
    for system in found[0].held:
        fetched = statistics.median(one.fetched.get(system, 0) for one in found)
        held = statistics.median(one.held[system] for one in found)
        yield Figure(f"{system}: fetched of held, median", f"{fetched / 1e6:.2f} of {held / 1e6:.1f} MB", n)
    cpu = statistics.median(one.cpu for one in found)
    yield Figure("CPU seconds, imitations in the same process, median", f"{cpu:.1f}", n)


BENCHMARK = Benchmark("live_sources", __doc__.split("\n", 1)[0], measure, by_default=False)
