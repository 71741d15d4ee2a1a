"""One case of a campaign, measured: andon with and without being told when it began, and others beside it.

Each case is measured in a process of its own, so that nothing is warm and CPU seconds are its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from andon.connectors import SourceInfo
from andon.connectors.files import FilesSource
from andon.evaluation import GroundTruth, Verdict, judge, read_ground_truth
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from andon.telemetry import Topology, Window
from benchmarks.campaign_peers import compare
from benchmarks.campaign_records import CASES, OWN, Measured
from benchmarks.campaign_stories import story
from benchmarks.figures import say
from benchmarks.processes import run

__all__ = ["measured", "measured_here", "truth_file"]

_OFFSETS = (0.0, -20.0, 20.0, -60.0, 60.0, -300.0, 300.0)
"""Seconds by which the start of the incident is stated wrongly, as far as the recording reaches."""
_ROOM = 10.0
"""Seconds that must remain before and after a stated start: five points of each metric of the estate."""


def measured(bundles: Sequence[Path], jobs: int) -> tuple[Measured, ...]:
    """Measures each bundle in a process of its own, so many at once, in the given order."""
    with ThreadPoolExecutor(jobs) as pool:
        return tuple(_told(found) for found in pool.map(_in_process, bundles))


def truth_file(bundle: Path) -> Path:
    return bundle.with_suffix(".truth.json")


def _in_process(bundle: Path) -> Measured:
    cost = run([sys.executable, "-m", "benchmarks.campaign_cases", str(bundle.resolve())])
    if cost.code == 0:
        return CASES.validate_json(cost.output)[0]
    truth = read_ground_truth(truth_file(bundle))
    return Measured(bundle.stem, truth.fault, {OWN: _failed(truth)}, cost.cpu, error=f"exit code {cost.code}")


def _told(found: Measured) -> Measured:
    verdict = found.verdict
    result = "right" if verdict.right or (verdict.control and not verdict.named) else "WRONG"
    likelihood = "nothing named" if verdict.likelihood is None else f"likelihood {verdict.likelihood:.2f}"
    say(f"campaign {found.case}: {result}, {likelihood}, {found.cpu:.1f} s {found.error}")
    return found


def measured_here(bundle: Path) -> Measured:
    """Measures one bundle in this process."""
    truth = read_ground_truth(truth_file(bundle))
    began = time.process_time()
    try:
        source = FilesSource.open(bundle)
        info = source.info()
        report = _asked(source, info, None)
    except Exception as error:  # An investigation that fails names nothing, and something on a quiet day.
        why = f"failed: {type(error).__name__}: {error}"
        return Measured(
            bundle.stem, truth.fault, {OWN: _failed(truth)}, time.process_time() - began, error=why
        )
    cpu = time.process_time() - began
    topology = source.topology().value or Topology()
    variants = {OWN: judge(truth, report.hypotheses, topology)}
    for name, incident in _stated(truth, info):
        try:
            hypotheses = _asked(source, info, incident).hypotheses
        except Exception as error:
            say(f"campaign {bundle.stem}, told {name}: failed: {type(error).__name__}: {error}")
            variants[name] = _failed(truth)
        else:
            variants[name] = judge(truth, hypotheses, topology)
    events = _decoys_alike(truth, source, info)
    first = report.hypotheses[0] if report.hypotheses else None
    return Measured(
        bundle.stem,
        truth.fault,
        variants,
        cpu,
        _onset_error(truth, report),
        len(events),
        first is not None and any(first.change in ids for ids in events),
        compare(truth, source, info, topology),
        story(bundle.stem, truth, report, variants[OWN]),
    )


def _asked(source: FilesSource, info: SourceInfo, incident: Window | None) -> Report:
    question = Question(info.symptom, incident=incident)
    return investigate("bench", question, Toolbox([source], Ledger()), [info])


def _failed(truth: GroundTruth) -> Verdict:
    nowhere = (0,) * len(truth.culprits)
    return Verdict(
        truth.control, int(truth.control), None, nowhere, nowhere, None if truth.control else False, None
    )


def _stated(truth: GroundTruth, info: SourceInfo) -> Iterator[tuple[str, Window]]:
    """The incident as somebody would state it: rightly, and wrongly as far as the recording allows."""
    if truth.injected is None or info.extent is None:
        return
    for offset in _OFFSETS:
        start = truth.injected + offset
        if info.extent.start + _ROOM <= start <= info.extent.end - _ROOM:
            yield f"{offset:+.0f}" if offset else "given", Window(start, info.extent.end)


def _onset_error(truth: GroundTruth, report: Report) -> float | None:
    if truth.injected is None or report.symptom.onset is None:
        return None
    return report.symptom.onset - truth.injected


def _decoys_alike(truth: GroundTruth, source: FilesSource, info: SourceInfo) -> list[Sequence[str]]:
    """The events of each innocent change elsewhere that was made by the action that did the harm."""
    if info.extent is None:
        return []
    events = {event.id: event for event in source.changes(info.extent).value or ()}
    guilty = {events[c.change].action for c in truth.culprits if c.change in events}
    accepted = {component for culprit in truth.culprits for component in culprit.components}
    return [
        decoy.events
        for decoy in truth.decoys
        if guilty.intersection(decoy.actions) and decoy.component not in accepted
    ]


if __name__ == "__main__":
    sys.stdout.buffer.write(CASES.dump_json((measured_here(Path(sys.argv[1])),)))
