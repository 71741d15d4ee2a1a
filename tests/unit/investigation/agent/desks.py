"""A desk over the small incident, with series and with components whose names are of several words."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from andon.connectors import SourceInfo
from andon.investigation.agent.citations import Cited
from andon.investigation.agent.desk import Desk
from andon.investigation.engine import Looked, look
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.investigation.writing import Heading
from andon.storage import Ledger
from andon.telemetry import ChangeEvent, ChangeKind, Element, ElementKind, MetricSeries
from andon.testing import MemorySource
from unit.investigation.incident import DEPLOY, END, HARMLESS, MODEL, ONSET, START, source

HEADING = Heading("run", created=ONSET)
REFUSED = ChangeEvent(
    "refused-8", ONSET - 9, ChangeKind.CONFIG, "put", "charlie", "ci", "no right", error="AccessDenied"
)
STRANGERS = (
    Element("delta", ElementKind.CONTAINER, "payment service"),
    Element("echo", ElementKind.CONTAINER, "iOS BFF"),
    Element("charlie-cache", ElementKind.COMPONENT, "Cache", parent="charlie"),
    Element("foxtrot-1", ElementKind.CONTAINER, "Twin"),
    Element("foxtrot-2", ElementKind.CONTAINER, "Twin"),
)


def series() -> list[MetricSeries]:
    """A gauge that rises where it fails, and one elsewhere that does not move."""
    draw = np.random.default_rng(3)
    times = np.arange(START, END, 10.0)
    late = times >= ONSET
    noise = draw.normal(0, 0.01, times.size)
    return [
        MetricSeries("heap.used", "charlie", times, 120.0 + 250.0 * late + noise, "MBy"),
        MetricSeries("queue.depth", "delta", times, 12.0 + noise, "1"),
        MetricSeries("threads.idle", "charlie", times, 64.0 - 50.0 * late + noise, "1"),
    ]


def held(**given: Any) -> MemorySource:
    """The source; what is given replaces its parts."""
    model = replace(MODEL, elements=(*MODEL.elements, *STRANGERS))
    return source(**({"series": series(), "model": model, "events": (HARMLESS, REFUSED, DEPLOY)} | given))


@cache
def whole() -> tuple[Toolbox, Looked, SourceInfo]:
    """The incident, looked at once for all tests; whoever changes it makes its own."""
    return looked_at(held())


def looked_at(memory: MemorySource, **asked: Any) -> tuple[Toolbox, Looked, SourceInfo]:
    box = Toolbox([memory], Ledger())
    question = Question(**({"text": "alpha fails"} | asked))
    return box, look(HEADING, question, box, [memory.info()]), memory.info()


def desk(at: tuple[Toolbox, Looked, SourceInfo] | None = None) -> Desk:
    """A new desk of a look."""
    box, looked, info = at or whole()
    return Desk(box, looked.case, looked.report, lambda question: look(HEADING, question, box, [info]))


def nothing() -> Desk:
    """A desk over one series that does not move: no topology, traces, logs, changes or alerts, and no trouble."""
    return desk(looked_at(MemorySource(name="still", series=[series()[1]]), text="it is slow"))


def series_row(one: Desk, name: str) -> Cited:
    """The citation of a series by its name."""
    for seen in one.case.findings.metrics:
        for number, change in enumerate(seen.content.series):
            if change.name == name:
                return one.citations.read(f"{seen.observation.id}:series.{number}")
    raise AssertionError(f"no series {name}")


def log_row(one: Desk, part: str) -> Cited:
    """The citation of a log template by a part of it."""
    row = next(row for row in one.case.findings.templates if part in row.value.template)
    return one.citations.cite(row)


def change_row(one: Desk, id_: str) -> Cited:
    """The citation of a change by its id."""
    return one.citations.cite(next(row for row in one.case.findings.events if row.value.id == id_))


def link_row(one: Desk, caller: str, callee: str) -> Cited:
    """The citation of the calls between two components."""
    found = one.case.findings.links
    return one.citations.cite(next(r for r in found if (r.value.caller, r.value.callee) == (caller, callee)))
