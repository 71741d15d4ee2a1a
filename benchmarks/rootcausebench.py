"""Which commit did it, or none: the 12 frozen incidents of root-cause-bench."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from andon.connectors.files import FilesSource
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from benchmarks.figures import Benchmark, Figure, Options, Unmeasured, say, share

__all__ = ["BENCHMARK"]

_NONE, _FAILED = "none", "failed"
_ANSWERS = ("ground_truth.json", "instruction.md")


@dataclass(frozen=True)
class Case:
    folder: Path
    alert: dict[str, Any]
    commits: tuple[str, ...]
    deploys: tuple[dict[str, Any], ...]
    truth: str


def measure(options: Options) -> Iterator[Figure]:
    cases = [
        _case(path.parent) for path in sorted((options.data / "rootcausebench").glob("*/ground_truth.json"))
    ]
    if not cases:
        raise Unmeasured("no data in rootcausebench")
    named = [_named(case) for case in cases]
    right = [_of_commits(change, case) == case.truth for change, case in zip(named, cases, strict=True)]
    strict = [(change or _NONE) == case.truth for change, case in zip(named, cases, strict=True)]
    yield share("guilty commit or none, andon", sum(right), len(cases), "7")
    yield share("the same, a flag or other change named counts as wrong, andon", sum(strict), len(cases))
    methods = {
        "always none": lambda _: _NONE,
        "latest deploy before the alert": _latest_deploy,
        "latest deploy of the alert's service": lambda case: _latest_deploy(case, case.alert["service"]),
    }
    for name, method in methods.items():
        answers = [method(case) for case in cases]
        right = sum(answer == case.truth for answer, case in zip(answers, cases, strict=True))
        yield share(
            f"guilty commit or none, {name}", right, len(cases), "at least 0.75" if name == "andon" else ""
        )
    chance = sum(1 / (len(case.commits) + 1) for case in cases) / len(cases)
    yield Figure("guilty commit or none, chance", f"{chance:.2f}", len(cases))


def _case(folder: Path) -> Case:
    def read(name: str) -> Any:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    return Case(
        folder,
        read("alert.json"),
        tuple(commit["sha"] for commit in read("context/commits.json")),
        tuple(read("context/deploys.json")),
        read("ground_truth.json")["root_cause_commit"],
    )


def _of_commits(change: str | None, case: Case) -> str | None:
    """What the case is answered with: a change that is no commit is none."""
    return change if change == _FAILED or change in case.commits else _NONE


def _named(case: Case) -> str | None:
    """The change of the first hypothesis; the answers stay out of the folder."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "case"
        shutil.copytree(case.folder, folder, ignore=shutil.ignore_patterns(*_ANSWERS))
        source = FilesSource.open(folder)
        question = Question(case.alert["summary"], components=(case.alert["service"],))
        try:
            report = investigate("bench", question, Toolbox([source], Ledger()), [source.info()])
        except Exception as error:  # An investigation that fails is a wrong answer.
            say(f"rootcausebench {case.folder.name}: failed: {type(error).__name__}: {error}")
            return _FAILED
    first = report.hypotheses[0] if report.hypotheses else None
    named = f"{first.mechanism} at {first.name}, {first.change}" if first else "nothing"
    say(
        f"rootcausebench {case.folder.name}: truth {case.truth}; named {named}; {len(report.hypotheses)} hypotheses"
    )
    return first.change if first else None


def _latest_deploy(case: Case, service: str = "") -> str:
    before = [
        deploy
        for deploy in case.deploys
        if deploy["timestamp"] <= case.alert["fired_at"] and service in ("", deploy["service"])
    ]
    return max(before, key=lambda deploy: deploy["timestamp"])["commit_sha"] if before else _NONE


BENCHMARK = Benchmark("rootcausebench", "Which commit is guilty, or that none is; decoys included.", measure)
