"""A shop whose orders database fails after a deploy: the small incident, with names as people use them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from andon.investigation.agent.desk import Desk
from andon.investigation.case import Case
from andon.investigation.engine import Looked, look
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.investigation.writing import Heading
from andon.storage import Ledger
from andon.telemetry import ChangeEvent, ChangeKind, Element, ElementKind, Relationship, Topology
from andon.testing import MemorySource
from unit.investigation.incident import DEPLOY, END, HARMLESS, ONSET, START, source

__all__ = ["DEPLOY", "END", "EVENTS", "ONSET", "START", "case", "desk", "looked", "looked_at", "shop"]

CONTAINER = ElementKind.CONTAINER
MODEL = Topology(
    (
        Element("customer", ElementKind.PERSON, "Customer"),
        Element("alpha", CONTAINER, "Checkout service"),
        Element("bravo", CONTAINER, "Payment service"),
        Element("charlie", CONTAINER, "Orders database", technology="PostgreSQL", tags=("Database",)),
        Element("search", CONTAINER, "Search service"),
        Element("payGate", CONTAINER, "Payment gateway"),
        Element("apiGate", CONTAINER, "API gateway"),
        Element("cache", CONTAINER, "Session cache", technology="Redis"),
        Element("europe", CONTAINER, "Shop Europe"),
    ),
    (
        Relationship("customer", "alpha", "buys"),
        Relationship("customer", "europe", "buys"),
        Relationship("alpha", "bravo", "calls"),
        Relationship("bravo", "charlie", "reads"),
        Relationship("bravo", "payGate", "pays"),
    ),
)
FLAG = ChangeEvent(
    "flag-12", START + 300, ChangeKind.FLAG, "toggle", "new-basket", "ops", "flag new-basket on"
)
CONFIG = ChangeEvent("config-3", START + 500, ChangeKind.CONFIG, "set timeout", "bravo", "ops", "timeout 2s")
EVENTS = (HARMLESS, FLAG, CONFIG, DEPLOY)


def shop(**given: object) -> MemorySource:
    """The shop as a source; what is given replaces its parts."""
    return source(**({"model": MODEL, "events": EVENTS} | given))


def looked_at(
    held: MemorySource, question: Question | None = None, run: str = "run"
) -> tuple[Looked, Toolbox]:
    """A look at a source, and its toolbox."""
    box = Toolbox([held], Ledger())
    asked = question or Question("checkout fails")
    return look(Heading(run), asked, box, [held.info()]), box


@cache
def looked() -> tuple[Looked, Toolbox]:
    return looked_at(shop())


def case() -> Case:
    return looked()[0].case


def desk() -> Desk:
    """A desk of its own for each test."""
    held, box = looked()
    infos = [replace(info) for info in held.case.infos]
    return Desk(box, held.case, held.report, lambda question: look(Heading("run"), question, box, infos))
