"""Small incidents of many shapes, each looked at once by the engine: a minute of CPU has room for hundreds of conversations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import numpy as np

from andon.connectors import SourceInfo
from andon.investigation.agent.desk import Desk
from andon.investigation.agent.loop import deliberate
from andon.investigation.agent.mind import Mind
from andon.investigation.engine import Looked, look
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.investigation.writing import Heading
from andon.llm.guard import Access
from andon.llm.meter import Allowance, Meter
from andon.storage import Ledger
from andon.telemetry import (
    ERROR,
    INFO,
    ChangeEvent,
    ChangeKind,
    Element,
    ElementKind,
    LogRecord,
    Logs,
    MetricSeries,
    Relationship,
    Span,
    SpanKind,
    Topology,
)
from andon.testing import MemorySource
from andon.testing.characters import Character

START = 1_781_863_200.0
SECONDS, ONSET = 240, 160
NAMES = (
    "shop",
    "basket",
    "payment-api",
    "stock",
    "ledger-db",
    "mail",
    "search",
    "pricing",
    "door_api",
    "gateway",
)
FAULTS = ("failing", "slow", "unanswered")
UNRELATED = ("xray", "yankee")


@dataclass(frozen=True)
class Incident:
    """A chain of services of which the last but `depth` breaks, and two others that have nothing to do with it."""

    number: int
    fault: str
    chain: tuple[str, ...]
    culprit: str

    @property
    def question(self) -> str:
        return f"{self.chain[0]} is slow" if self.fault == "slow" else f"{self.chain[0]} fails"


@dataclass(frozen=True)
class Case:
    """An incident after the engine's look; ask it as often as you like."""

    incident: Incident
    box: Toolbox
    infos: tuple[SourceInfo, ...]
    looked: Looked

    def desk(self) -> Desk:
        relook: Callable[[Question], Looked] = lambda q: look(HEADING, q, self.box, self.infos)  # noqa: E731
        return Desk(self.box, self.looked.case, self.looked.report, relook)

    def deliberated(self, model: Character, samples: int = 1, allowance: Allowance | None = None) -> Report:
        access = Access(model, Meter(allowance or Allowance()))
        return deliberate(HEADING, self.looked, self.box, Mind(access, samples), self.desk, lambda *_: None)


HEADING = Heading("run", created=START)


def case_of(source: object, question: str, incident: Incident) -> Case:
    """Looks at a source."""
    box = Toolbox([source], Ledger())  # type: ignore[list-item]
    infos = (source.info(),)  # type: ignore[attr-defined]
    return Case(incident, box, infos, look(HEADING, Question(question), box, infos))


@cache
def cases(count: int) -> tuple[Case, ...]:
    """So many incidents, each looked at."""
    incidents = [incident(number) for number in range(count)]
    return tuple(case_of(source(one), one.question, one) for one in incidents)


def incident(number: int) -> Incident:
    """The incident of a number; the same one for the same number."""
    chance = Random(number)
    chain = tuple(chance.sample(NAMES, chance.randint(3, 5)))
    return Incident(number, FAULTS[number % len(FAULTS)], chain, chance.choice(chain[1:]))


def source(one: Incident) -> MemorySource:
    """The telemetry of an incident."""
    chance = Random(one.number)
    names = (*one.chain, *UNRELATED)
    elements = tuple(Element(name, ElementKind.CONTAINER, name.replace("-", " ").title()) for name in names)
    calls = [*zip(one.chain, one.chain[1:], strict=False), UNRELATED]
    deploy = ChangeEvent(
        f"deploy-{chance.randint(10, 99)}",
        START + ONSET - chance.randint(2, 9),
        ChangeKind.CONTROL_PLANE if one.fault == "unanswered" else ChangeKind.DEPLOY,
        "RevokeSecurityGroupIngress" if one.fault == "unanswered" else "deploy",
        one.culprit,
        f"ci-{chance.randint(10, 99)}",
        f"{one.culprit} 1.{chance.randint(2, 9)}.0",
    )
    other = chance.choice([name for name in names if name != one.culprit])
    harmless = ChangeEvent(
        f"deploy-{chance.randint(100, 199)}", START + 70, ChangeKind.DEPLOY, "deploy", other, "ci", "2.0.1"
    )
    return MemorySource(
        "prod",
        tuple(_series(one, chance.randint(0, 9999))),
        Logs.of(list(_logs(one, chance))),
        list(_spans(one, chance)),
        (harmless, deploy),
        Topology(elements, tuple(Relationship(a, b, "calls") for a, b in calls)),
    )


def _spans(one: Incident, chance: Random) -> Sequence[Span]:
    found: list[Span] = []
    part = chance.choice((1, 2, 3, 4))
    for second in range(SECONDS):
        hit = second >= ONSET and second % 5 >= 5 - part - (one.fault != "failing")
        found += _trace(one.chain, second, hit, one)
        found += _trace(UNRELATED, second + 100_000, hit=False, one=one)
    return found


def _trace(chain: Sequence[str], number: int, hit: bool, one: Incident) -> Sequence[Span]:
    found: list[Span] = []
    at, parent = START + number % 100_000, ""
    reach = chain.index(one.culprit) if one.culprit in chain else -1
    for depth, service in enumerate(chain):
        broken = hit and depth <= reach
        if hit and one.fault == "unanswered" and depth == reach:
            break
        took = (
            0.09 - 0.015 * depth + 0.001 * (number * 7 % 5) + (0.8 if broken and one.fault == "slow" else 0.0)
        )
        failed = broken and one.fault != "slow"
        inside = f"{service}-in"
        start = at + depth / 100
        found.append(Span(f"{number}", inside, parent, service, "work", SpanKind.SERVER, start, took, failed))
        if depth + 1 < len(chain):
            parent = f"{service}-out"
            found.append(
                Span(
                    f"{number}",
                    parent,
                    inside,
                    service,
                    "call",
                    SpanKind.CLIENT,
                    start,
                    took,
                    failed,
                    chain[depth + 1],
                )
            )
    return found


def _logs(one: Incident, chance: Random) -> Sequence[LogRecord]:
    found = [
        LogRecord(START + second, INFO, service, f"handled request {second} of {service}")
        for second in range(0, SECONDS, 2)
        for service in (*one.chain, *UNRELATED)
    ]
    caller = one.chain[one.chain.index(one.culprit) - 1]
    said = {
        "failing": (one.culprit, "NullPointerException in PriceTable.lookup\n  at PriceTable:41"),
        "slow": (one.culprit, "waited for the pool, no connection was free"),
        "unanswered": (caller, f"connect to {one.culprit} timed out (attempt 2 of 3)"),
    }
    service, text = said[one.fault]
    step = chance.choice((1, 2, 3))
    return found + [
        LogRecord(START + ONSET + s, ERROR, service, text) for s in range(1, SECONDS - ONSET, step)
    ]


def _series(one: Incident, seed: int) -> Sequence[MetricSeries]:
    noise = np.random.default_rng(seed)
    times = START + np.arange(0, SECONDS, 4.0)
    late = times >= START + ONSET
    for service in (*one.chain, *UNRELATED):
        guilty = service == one.culprit
        errors = np.where(late & guilty, 40.0, 2.0) + noise.uniform(0, 0.5, len(times))
        served = np.where(late & guilty, 20.0, 80.0) + noise.uniform(0, 2, len(times))
        for name, values, unit in (("errors", errors, "1"), ("requests.served", served, "1")):
            yield MetricSeries(service, name, times, values, unit)
