"""To replay a run: the whole investigation again, with neither its sources nor its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from andon.app.aids import recorded_aids
from andon.app.leading import REPORT, found
from andon.app.minds import MIND, MODEL, recorded_mind
from andon.app.runs import open_store, read_bundle
from andon.config import Settings
from andon.connectors import SourceInfo
from andon.errors import StorageError
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.investigation.writing import Heading
from andon.storage import Ledger, Observation

__all__ = ["Replayed", "replay"]

_QUESTION = TypeAdapter(Question)
_INFOS = TypeAdapter(tuple[SourceInfo, ...])


@dataclass(frozen=True, slots=True)
class Replayed:
    """The report that came of a replay, whether it is the recorded one byte for byte, and where they part."""

    report: Report
    same: bool
    differs: tuple[str, ...]


def replay(bundle: str, settings: Settings) -> Replayed:
    """Runs a bundle that `andon export` wrote, or a run that is kept here, once more.

    Raises StorageError where it holds no finished run.
    """
    if Path(bundle).is_file():
        run, journal, observations = read_bundle(Path(bundle))
    else:
        with open_store(settings) as store:
            run = store.find(bundle)
            journal = [(event.type, event.payload) for event in store.events(run.id)]
            observations = list(store.observations(run.id))
    return _replayed(run.id, journal, observations)


def _replayed(
    run: str, journal: Sequence[tuple[str, Mapping[str, Any]]], observations: Sequence[Observation]
) -> Replayed:
    asked = [payload for type_, payload in journal if type_ == "run"]
    reports = [payload for type_, payload in journal if type_ == "report"]
    if not asked or not reports:
        raise StorageError(
            f"run {run} holds no report to compare with", hint="it was interrupted; start a new one"
        )
    told, then = asked[-1], REPORT.validate_python(reports[-1])
    held = int(told.get("held", 0))
    box = Toolbox((), Ledger(known=observations[:held], tape=observations[held:]))
    minds = [payload for type_, payload in journal if type_ == MIND]
    exchanges = [
        payload for type_, payload in journal if type_ == MODEL and str(payload["lane"]).startswith("sample-")
    ]
    mind, recorded = recorded_mind(minds[-1], exchanges, _unheard) if minds else (None, None)
    heading = Heading(run, created=then.created, trail=tuple(told["trail"]))
    question, infos = _QUESTION.validate_python(told["question"]), _INFOS.validate_python(told["infos"])
    report = found(heading, question, box, infos, _unheard, lambda: nullcontext(mind), recorded_aids(journal))
    before, after = REPORT.dump_json(then), REPORT.dump_json(report)
    differs = [f"another request to the model: {place}" for place in recorded.differs] if recorded else []
    differs += _parting(REPORT.dump_python(then, mode="json"), REPORT.dump_python(report, mode="json"))
    return Replayed(report, before == after, tuple(differs))


def _unheard(_type: str, _payload: Mapping[str, Any]) -> None:
    """The journal of a replay: nothing is kept."""


def _parting(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The parts of the report that are not what they were."""
    return [f"another {key} in the report" for key in before if before[key] != after.get(key)]
