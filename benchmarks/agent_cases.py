"""One recorded case put to one mind: asked with the words of whoever complained, and judged by its truth file."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from andon.app.leading import desk_at
from andon.connectors.files import FilesSource
from andon.evaluation import GroundTruth, Verdict, judge, read_ground_truth
from andon.investigation.agent.loop import deliberate
from andon.investigation.engine import look
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.investigation.writing import Heading
from andon.storage import Ledger
from andon.telemetry import Topology
from benchmarks.agent_minds import Thinker
from benchmarks.agent_records import Asked, Kept, program
from benchmarks.campaign_cases import truth_file
from benchmarks.figures import Unmeasured, say

__all__ = ["ask_all", "asked"]

_OFTEN = 3
"""Times in a row that a model may be out of reach."""
_FIRST = frozenset(["located", "suspects"])
"""Events of the journal that tell a finding."""


def ask_all(
    bundles: Sequence[Path], thinkers: Sequence[Thinker], repeats: int, kept: Kept
) -> dict[str, tuple[Asked, ...]]:
    """Puts every case to every mind so many times; what is kept already is not asked again.

    What a model out of reach did not answer is not kept, so that the next run asks it. Raises Unmeasured when it is out
    of reach again and again.
    """
    total = len(bundles) * len(thinkers) * repeats
    done = silent = 0
    for repeat in range(repeats):
        for bundle in bundles:
            for thinker in thinkers:
                done += 1
                if (thinker.name, bundle.stem, repeat) in kept.records:
                    continue
                found = asked(bundle, thinker, repeat)
                _told(found, done, total)
                silent = 0 if found.answered else silent + 1
                if found.answered:
                    kept.add(found)
                elif silent == _OFTEN:
                    raise Unmeasured(f"{thinker.name} does not answer: {found.stopped}")
    cases = [bundle.stem for bundle in bundles]
    return {thinker.name: kept.of(thinker.name, cases, repeats) for thinker in thinkers}


def asked(bundle: Path, thinker: Thinker, repeat: int = 0) -> Asked:
    """Puts a case to a mind. What breaks is a wrong answer and says why."""
    truth = read_ground_truth(truth_file(bundle))
    began = time.monotonic()
    first: list[float] = []

    def journal(event: str, _payload: Any) -> None:
        if event in _FIRST and not first:
            first.append(time.monotonic() - began)

    known: dict[str, Any] = {
        "case": bundle.stem,
        "fault": truth.fault,
        "mind": thinker.name,
        "repeat": repeat,
    }
    known["program"] = program()
    try:
        source = FilesSource.open(bundle)
        report = _report(source, thinker.mind(zlib.crc32(bundle.stem.encode()) + repeat), journal)
    except Exception as error:  # An investigation that fails names nothing, and something on a quiet day.
        why = f"{type(error).__name__}: {error}"[:300]
        return Asked(verdict=_failed(truth), seconds=time.monotonic() - began, error=why, **known)
    verdict = judge(truth, report.hypotheses, source.topology().value or Topology())
    seconds, agent = time.monotonic() - began, report.agent
    known |= {"verdict": verdict, "seconds": seconds, "first_line": first[0] if first else seconds}
    if agent is None:
        return Asked(dollars=0.0, **known)
    return Asked(
        thinking=agent.seconds,
        requests=agent.requests,
        calls=agent.calls,
        tokens_in=agent.tokens_in,
        tokens_out=agent.tokens_out,
        dollars=agent.dollars,
        agrees=agent.agrees,
        dropped=len(agent.dropped),
        stopped=agent.stopped,
        **known,
    )


def _report(source: FilesSource, mind: Any, journal: Any) -> Report:
    info, box, heading = source.info(), Toolbox([source], Ledger()), Heading("bench")
    looked = look(heading, Question(info.symptom), box, [info], journal)
    if mind is None:
        return looked.report
    return deliberate(heading, looked, box, mind, lambda: desk_at(heading, looked, box, [info]), journal)


def _failed(truth: GroundTruth) -> Verdict:
    nowhere = (0,) * len(truth.culprits)
    return Verdict(
        truth.control, int(truth.control), None, nowhere, nowhere, None if truth.control else False, None
    )


def _told(one: Asked, done: int, total: int) -> None:
    likelihood = "nothing named" if one.verdict.likelihood is None else f"{one.verdict.likelihood:.2f}"
    cost = f"{one.calls} calls, {one.tokens_in + one.tokens_out:,} tokens, {one.seconds:.1f} s"
    why = one.error or one.stopped
    say(
        f"agent {done}/{total} {one.mind} {one.case}: {'right' if one.right else 'WRONG'}, {likelihood}, {cost}"
        + (f"; {why}" if why else "")
    )
