"""Recorded bundles of the demo estate: the change and the mechanism that were injected, or that nothing was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from andon.connectors.files import FilesSource
from andon.evaluation import Verdict, judge, read_ground_truth
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.report import Hypothesis
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from benchmarks.figures import ROOT, Benchmark, Figure, Options, Unmeasured, say, share

__all__ = ["BENCHMARK", "figures", "judged"]

_FOLDERS = (ROOT / "examples", ROOT / "tests" / "fixtures" / "estate")


def measure(options: Options) -> Iterator[Figure]:
    folders = (*_FOLDERS, options.bundles) if options.bundles else _FOLDERS
    bundles = [
        path for folder in folders for path in sorted(folder.rglob("*.zip")) if _truth_file(path).is_file()
    ]
    if not bundles:
        raise Unmeasured("no bundles with a truth file")
    yield from figures([judged(bundle) for bundle in bundles])


def figures(verdicts: Sequence[Verdict]) -> Iterator[Figure]:
    faulty = [v for v in verdicts if not v.control]
    quiet = [v for v in verdicts if v.control]
    if faulty:
        yield share("guilty change first", sum(v.right for v in faulty), len(faulty))
        yield share("its mechanism first", sum(v.mechanism is True for v in faulty), len(faulty))
    if quiet:
        yield share("nothing named where nothing broke", sum(not v.named for v in quiet), len(quiet))


def judged(bundle: Path) -> Verdict:
    """Investigates a bundle with the symptom that it states; the truth file is not part of the bundle."""
    truth = read_ground_truth(_truth_file(bundle))
    source = FilesSource.open(bundle)
    info = source.info()
    try:
        found = investigate("bench", Question(info.symptom), Toolbox([source], Ledger()), [info]).hypotheses
    except Exception as error:  # An investigation that fails is a wrong answer, on a quiet day too.
        say(f"estate {bundle.stem}: failed: {type(error).__name__}: {error}")
        return Verdict(truth.control, int(truth.control), None, (), (), None, None)
    say(f"estate {bundle.stem}: named {_said(found)}; truth {truth.culprits or 'nothing'}")
    return judge(truth, found)


def _said(hypotheses: Sequence[Hypothesis]) -> str:
    if not hypotheses:
        return "nothing"
    first = hypotheses[0]
    return f"{first.mechanism} at {first.component}, {first.change}, {first.likelihood:.2f}"


def _truth_file(bundle: Path) -> Path:
    return bundle.with_suffix(".truth.json")


BENCHMARK = Benchmark("estate", "Recorded bundles of the demo estate, among harmless changes.", measure)
