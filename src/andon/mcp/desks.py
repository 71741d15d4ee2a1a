"""Desks: questions about a run are answered from its ledger alone, no source is asked."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from pydantic import TypeAdapter

from andon.app.runs import open_store
from andon.config import Settings
from andon.connectors import SourceInfo
from andon.errors import StorageError, UsageError
from andon.investigation.agent.citations import Unborne
from andon.investigation.agent.desk import Desk
from andon.investigation.agent.questions import Questions
from andon.investigation.engine import look
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.investigation.writing import Heading
from andon.mcp.cards import Answer, Row
from andon.mcp.records import Records
from andon.storage import Ledger, RunSummary

__all__ = ["Desks"]

_KEPT = 8
"""Desks that are kept at hand: building one computes the whole case again."""
_GROWN = 500
"""Questions that the ledger could not answer, after which a desk is built anew: each of them is remembered."""

_QUESTION = TypeAdapter(Question)
_INFOS = TypeAdapter(tuple[SourceInfo, ...])
_CITED = re.compile(r"^\[([a-z]+-\d+:[a-z]+(?:\.\d+)?)\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Open:
    desk: Desk
    size: int
    """Observations of the run itself."""

    @property
    def grown(self) -> bool:
        return len(self.desk.box.ledger) > self.size + _GROWN


class Desks:
    """Desks over the runs of the store, each built once and used by one question at a time."""

    def __init__(self, settings: Settings, records: Records) -> None:
        self._settings = settings
        self._records = records
        self._lock = Lock()
        self._kept: OrderedDict[str, _Open] = OrderedDict()

    def ask(self, prefix: str, question: Callable[[Questions], str], component: str = "") -> Answer:
        """The answer of a run's desk, about a component or, without one, about all.

        Raises RunNotFound, StorageError for a run that holds nothing to ask about, UsageError for a component that
        the run does not know.
        """
        run = self._records.find(prefix)
        with self._lock:
            desk = self._desk(run)
            if component:
                _element(desk, component)
            text = question(Questions(desk))
            return Answer(run=run.id, text=text, rows=_rows(desk, text))

    def elements(self, prefix: str, components: Sequence[str]) -> tuple[str, ...]:
        """The ids of components that are named by id, name or service; raises what `ask` raises."""
        if not components:
            return ()
        run = self._records.find(prefix)
        with self._lock:
            desk = self._desk(run)
            return tuple(_element(desk, name) for name in components)

    def _desk(self, run: RunSummary) -> Desk:
        known = self._kept.pop(run.id, None)
        if known is None or known.grown:
            known = self._opened(run)
        if run.state == "done":
            self._kept[run.id] = known
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return known.desk

    def _opened(self, run: RunSummary) -> _Open:
        with open_store(self._settings) as store:
            asked = next((event for event in store.events(run.id) if event.type == "run"), None)
            observations = tuple(store.observations(run.id))
        if asked is None or not observations:
            raise StorageError(f"run {run.id} holds nothing to ask about: it is {run.state}")
        ledger = Ledger(tape=observations)
        last = observations[-1]
        ledger.asked(last.tool, last.source, last.query)  # All of the tape, so that every row can be cited.
        box = Toolbox((), ledger)
        question = _QUESTION.validate_python(asked.payload["question"])
        infos = _INFOS.validate_python(asked.payload["infos"])
        looked = look(Heading(run.id), question, box, infos)
        desk = Desk(box, looked.case, looked.report, lambda other: look(Heading(run.id), other, box, infos))
        return _Open(desk, len(observations))


def _element(desk: Desk, component: str) -> str:
    found = desk.element(component)
    if found is None:
        raise UsageError(desk.unknown(component), hint="`architecture` lists the components of a run")
    return found


def _rows(desk: Desk, text: str) -> list[Row]:
    """The rows that an answer cites, with the whole of their sentences."""
    found = []
    for ref in dict.fromkeys(_CITED.findall(text)):
        try:
            found.append(Row(ref=ref, claim=desk.citations.read(ref).evidence.claim))
        except Unborne:
            continue
    return found
