"""Citations: references such as `metrics-2:series.14`, by which a model points at rows of observations.

A reference is read from the ledger alone, and the sentence that it stands for is computed by code: whoever
cites a row cannot say of it what it does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from andon.analysis.calls import CallTally, Tally
from andon.analysis.courses import Courses
from andon.analysis.log_comparison import LogComparison
from andon.analysis.log_families import ErrorFamilies
from andon.analysis.time_shifts import TimeShifts
from andon.investigation.agent.sentences import (
    alert_sentence,
    calls_sentence,
    family_sentence,
    lent_sentence,
    line_sentence,
    log_sentence,
    points_sentence,
    series_sentence,
)
from andon.investigation.course_evidence import edge_evidence, step_evidence
from andon.investigation.evidence import calls_evidence, change_evidence
from andon.investigation.findings import Row
from andon.investigation.report import Evidence
from andon.investigation.toolbox import KNOWLEDGE, LENT, content
from andon.investigation.tools.alerts import Alerts
from andon.investigation.tools.infrastructure import ChangeTimeline
from andon.investigation.tools.instruments import InstrumentChanges
from andon.investigation.tools.lines import LogLines
from andon.investigation.tools.metrics import MetricChanges, SeriesPoints
from andon.storage import Ledger, Observation

__all__ = ["Citations", "Cited", "Unborne", "ref_of"]

_REF = re.compile(r"(?P<id>[a-z]+-[0-9]+):(?P<key>[a-z]+)(?:\.(?P<number>[0-9]{1,7}))?")


class Unborne(Exception):
    """A reference that stands for nothing; the message says why, for the model."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A row that was pointed at: what it says, in a sentence computed from it, and of which services it speaks.

    `direction` is +1 where it tells of a rise, -1 of a fall, 0 of neither.
    """

    ref: str
    evidence: Evidence
    services: tuple[str, ...]
    direction: int = 0
    row: Row[Any] | None = None
    also: tuple[Evidence, ...] = ()
    """What else can be told of the same row: the engine may have told the model that."""


Told = tuple[Evidence, tuple[str, ...], int]
"""A sentence, the services that it speaks of, and its direction."""


def ref_of(observation: Observation, path: Sequence[str | int]) -> str:
    """The reference of a row: the observation's id, the list, the number of the row in it."""
    return f"{observation.id}:{path[0]}" + (f".{path[1]}" if len(path) > 1 else "")


@dataclass
class Citations:
    """Reads references; one for each conversation, over the ledger of the run."""

    ledger: Ledger
    _read: dict[str, Cited] = field(default_factory=dict)
    _contents: dict[tuple[str, str], Any] = field(default_factory=dict)

    def read(self, ref: str) -> Cited:
        """What a reference stands for. Raises Unborne."""
        ref = ref.strip().strip("[]()`.,;")
        if ref not in self._read:
            self._read[ref] = self._look_up(ref)
        return self._read[ref]

    def register(
        self, observation: Observation, key: str, evidence: Evidence, services: tuple[str, ...]
    ) -> Cited:
        """The citation of a sentence that was computed from a whole observation; the same one for the same sentence."""
        for cited in self._read.values():
            if cited.evidence.claim == evidence.claim:
                return cited
        ref = (
            f"{observation.id}:{key}.{sum(one.startswith(f'{observation.id}:{key}.') for one in self._read)}"
        )
        self._read[ref] = Cited(ref, evidence, services, 1)
        return self._read[ref]

    def cite(self, row: Row[Any]) -> Cited:
        """The citation of a row that is at hand."""
        return self.read(ref_of(row.observation, row.path))

    def _look_up(self, ref: str) -> Cited:
        match = _REF.fullmatch(ref)
        if match is None:
            raise Unborne(
                f"{ref[:60]!r} is no reference; copy one from a tool's answer, such as metrics-1:series.4"
            )
        if match["id"] not in self.ledger:
            raise Unborne(f"there is no observation {match['id']} in this run")
        observation = self.ledger[match["id"]]
        if observation.tool == KNOWLEDGE:
            raise Unborne(f"{ref}: a document says what to check and is no evidence of what happened now")
        reader = _READERS.get((observation.tool, match["key"]))
        if reader is None:
            raise Unborne(f"{ref}: rows of that kind cannot be cited")
        return reader(self, observation, ref, match["key"], match["number"])

    def typed(self, observation: Observation, type_: Any) -> Any:
        """The content of an observation, read once."""
        key = observation.id, type_.__name__
        if key not in self._contents:
            try:
                self._contents[key] = content(observation, type_)
            except ValidationError as error:
                raise Unborne(f"the rows of {observation.id} cannot be cited that way") from error
        return self._contents[key]


def _rows(
    type_: Any, tell: Callable[[Row[Any]], Told]
) -> Callable[[Citations, Observation, str, str, str | None], Cited]:
    """A reader of rows of a list: `tell` gives the sentence, the services and the direction."""

    def read(citations: Citations, observation: Observation, ref: str, key: str, number: str | None) -> Cited:
        if observation.content is None:
            raise Unborne(f"{ref}: that question got no answer ({observation.status})")
        values = getattr(citations.typed(observation, type_), key)
        if number is None or int(number) >= len(values):
            raise Unborne(f"{ref}: {observation.id} has no such row")
        row = Row(observation, (key, int(number)), values[int(number)])
        evidence, services, direction = tell(row)
        return Cited(ref, evidence, services, direction, row, tuple(_also(row)))

    return read


def _also(row: Row[Any]) -> Iterator[Evidence]:
    """All that can be told of calls, of which the sentence tells what changed most."""
    if isinstance(row.value, Tally):
        measures = ("failures", "unanswered", "missing") if row.value.callee else ("failures", "missing")
        yield from (calls_evidence(row, measure) for measure in measures)
        if row.value.incident_calls and row.value.baseline_calls:
            yield calls_evidence(row, "delay")


def _points(citations: Citations, observation: Observation, ref: str, _key: str, number: str | None) -> Cited:
    if observation.content is None or number is not None:
        raise Unborne(f"{ref}: {observation.id} has no such points")
    points: SeriesPoints = citations.typed(observation, SeriesPoints)
    return Cited(ref, points_sentence(observation, points), (points.service,))


def _lent(_citations: Citations, observation: Observation, ref: str, _key: str, number: str | None) -> Cited:
    lines = (observation.content or {}).get("lines", ())
    if number is None or int(number) >= len(lines):
        raise Unborne(f"{ref}: {observation.id} has no such line")
    return Cited(ref, lent_sentence(observation, int(number)), ())


def _instrument(row: Row[Any]) -> Told:
    inner = Row(row.observation, (*row.path, "change"), row.value.change)
    return series_sentence(inner)


def _change(row: Row[Any]) -> Told:
    return change_evidence(row), (row.value.target,), 0


def _step(row: Row[Any]) -> Told:
    return step_evidence(row), (row.value.step.service,), 0


def _shift(row: Row[Any]) -> Told:
    return edge_evidence(row), (row.value.caller, row.value.callee), 0


_READERS: Mapping[tuple[str, str], Callable[[Citations, Observation, str, str, str | None], Cited]] = {
    ("metrics", "series"): _rows(MetricChanges, series_sentence),
    ("metrics", "points"): _points,
    ("traces", "nodes"): _rows(CallTally, calls_sentence),
    ("traces", "links"): _rows(CallTally, calls_sentence),
    ("traces", "changes"): _rows(Courses, _step),
    ("traces", "edges"): _rows(TimeShifts, _shift),
    ("logs", "findings"): _rows(LogComparison, log_sentence),
    ("logs", "families"): _rows(ErrorFamilies, family_sentence),
    ("logs", "lines"): _rows(LogLines, line_sentence),
    ("infrastructure", "events"): _rows(ChangeTimeline, _change),
    ("instruments", "changes"): _rows(InstrumentChanges, _instrument),
    ("alerts", "alerts"): _rows(Alerts, alert_sentence),
    (LENT, "lines"): _lent,
}
