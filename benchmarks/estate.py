"""Recorded bundles of the demo estate: the change and the mechanism that were injected, or that nothing was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from andon.connectors.files import FilesSource
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from benchmarks.figures import ROOT, Benchmark, Figure, Options, Unmeasured, say, share

__all__ = ["BENCHMARK", "Verdict", "figures", "judge"]

_FOLDERS = (ROOT / "examples", ROOT / "tests" / "fixtures" / "estate")


@dataclass(frozen=True)
class Verdict:
    """What was right about the first hypothesis of one bundle."""

    control: bool
    change: bool
    mechanism: bool
    quiet: bool


def measure(options: Options) -> Iterator[Figure]:
    folders = (*_FOLDERS, options.bundles) if options.bundles else _FOLDERS
    bundles = [
        path for folder in folders for path in sorted(folder.rglob("*.zip")) if _truth_file(path).is_file()
    ]
    if not bundles:
        raise Unmeasured("no bundles with a truth file")
    yield from figures([judge(bundle) for bundle in bundles])


def figures(verdicts: Sequence[Verdict]) -> Iterator[Figure]:
    faulty = [v for v in verdicts if not v.control]
    quiet = [v for v in verdicts if v.control]
    if faulty:
        yield share("guilty change first", sum(v.change for v in faulty), len(faulty))
        yield share("its mechanism first", sum(v.mechanism for v in faulty), len(faulty))
    if quiet:
        yield share("nothing named where nothing broke", sum(v.quiet for v in quiet), len(quiet))


def judge(bundle: Path) -> Verdict:
    """Investigates a bundle with the symptom that it states; the truth file is not part of the bundle."""
    culprits = json.loads(_truth_file(bundle).read_text(encoding="utf-8"))["culprits"]
    source = FilesSource.open(bundle)
    info = source.info()
    try:
        hypotheses = investigate(
            "bench", Question(info.symptom), Toolbox([source], Ledger()), [info]
        ).hypotheses
    except Exception as error:  # An investigation that fails is a wrong answer, on a quiet day too.
        say(f"estate {bundle.stem}: failed: {type(error).__name__}: {error}")
        return Verdict(not culprits, False, False, False)
    first = hypotheses[0] if hypotheses else None
    named = (
        f"{first.mechanism} at {first.component}, {first.change}, {first.likelihood:.2f}"
        if first
        else "nothing"
    )
    say(f"estate {bundle.stem}: named {named}; truth {culprits or 'nothing'}")
    return Verdict(
        not culprits,
        first is not None and any(first.change == culprit["change"] for culprit in culprits),
        first is not None and any(first.mechanism in culprit["mechanisms"] for culprit in culprits),
        first is None,
    )


def _truth_file(bundle: Path) -> Path:
    return bundle.with_suffix(".truth.json")


BENCHMARK = Benchmark("estate", "Recorded bundles of the demo estate, among harmless changes.", measure)
