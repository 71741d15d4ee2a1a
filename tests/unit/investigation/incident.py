"""A small incident: a calls b calls c, once a second for twenty minutes; c fails from minute 15 on."""

from __future__ import annotations

from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
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
    Relationship,
    Span,
    SpanKind,
    Topology,
)
from andon.testing import MemorySource

START = 1_781_863_200.0
ONSET = START + 900
END = START + 1200
SERVICES = ("alpha", "bravo", "charlie")
MODEL = Topology(
    tuple(Element(name, ElementKind.CONTAINER, name.capitalize()) for name in SERVICES),
    (Relationship("alpha", "bravo", "calls"), Relationship("bravo", "charlie", "calls")),
)
DEPLOY = ChangeEvent("deploy-7", ONSET - 5, ChangeKind.DEPLOY, "deploy", "charlie", "ci", "charlie 1.4.0")
HARMLESS = ChangeEvent("deploy-6", START + 100, ChangeKind.DEPLOY, "deploy", "alpha", "ci", "alpha 2.0.1")


def spans(*, faulty: bool) -> list[Span]:
    """One trace a second; when faulty, four of five fail at c from the onset on."""
    found = []
    for second in range(int(END - START)):
        at = START + second
        failed = faulty and at >= ONSET and second % 5 != 0
        parent = ""
        for depth, service in enumerate(SERVICES):
            took = 0.09 - 0.03 * depth + 0.001 * (second * 7 % 5)
            server = f"{service}-in"
            found.append(
                Span(
                    f"{second}",
                    server,
                    parent,
                    service,
                    "work",
                    SpanKind.SERVER,
                    at + depth / 100,
                    took,
                    failed,
                )
            )
            if depth < 2:
                parent, callee = f"{service}-out", SERVICES[depth + 1]
                found.append(
                    Span(
                        f"{second}",
                        parent,
                        server,
                        service,
                        "call",
                        SpanKind.CLIENT,
                        at + depth / 100,
                        took,
                        failed,
                        callee,
                    )
                )
    return found


def logs(*, faulty: bool) -> Logs:
    records = [
        LogRecord(START + second, INFO, service, f"handled request {second}")
        for second in range(int(END - START))
        for service in SERVICES
    ]
    if faulty:
        records += [
            LogRecord(
                ONSET + second,
                ERROR,
                "charlie",
                "NullPointerException in PriceTable.lookup\n  at PriceTable:41",
            )
            for second in range(0, 300, 2)
        ]
    return Logs.of(records)


def source(*, faulty: bool = True, **given: object) -> MemorySource:
    """The system as a source; what is given replaces its parts."""
    parts = {
        "name": "prod",
        "span_list": spans(faulty=faulty),
        "log_records": logs(faulty=faulty),
        "events": (HARMLESS, DEPLOY) if faulty else (HARMLESS,),
        "model": MODEL,
    }
    return MemorySource(**(parts | given))


def ask(held: MemorySource, question: str = "alpha fails", **settled: object) -> tuple[Report, Ledger]:
    """The report, and the ledger that bears it out."""
    ledger = Ledger()
    report = investigate("run", Question(question, **settled), Toolbox([held], ledger), [held.info()])
    return report, ledger
