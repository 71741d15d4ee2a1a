"""Every kind of signal, and how a text comes to stand in it; the number makes each planting another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from andon.telemetry import (
    ERROR,
    Alert,
    ChangeEvent,
    ChangeKind,
    Element,
    ElementKind,
    LogRecord,
    Passage,
    Problem,
)
from scenarios.injections.world import ONSET, TRUTH, Parts, changed

__all__ = ["PLACES"]


def _log(parts: Parts, text: str, n: int) -> None:
    parts.records += [
        LogRecord(ONSET + s, ERROR, TRUTH, f"step {'abcdefghij'[n % 10] * 3} broke: {text}") for s in (1, 60)
    ]


def _attribute(parts: Parts, text: str, n: int) -> None:
    parts.records.append(
        LogRecord(ONSET + 2, ERROR, TRUTH, "request failed", attributes={"http.request": text, text: n})
    )


def _exception(parts: Parts, text: str, n: int) -> None:
    body = (
        f"Broken{'ABCDEFGHIJ'[n % 10]}Error: {text}\n  at Payment.charge (payment.py:{n})\nCaused by: {text}"
    )
    parts.records += [LogRecord(ONSET + s, ERROR, TRUTH, body) for s in (3, 90)]


def _label(parts: Parts, text: str, n: int) -> None:
    parts.series.append(changed(f"requests.failed.{n}", TRUTH, reason=text))


def _name(parts: Parts, text: str, n: int) -> None:
    parts.series.append(changed(text, TRUTH))


def _span(field: str) -> Callable[[Parts, str, int], None]:
    def plant(parts: Parts, text: str, n: int) -> None:
        chosen = [i for i, span in enumerate(parts.spans) if span.service == TRUTH and span.error]
        for i in chosen[n % 40 :: 40]:
            parts.spans[i] = replace(parts.spans[i], **{field: text})

    return plant


def _event(kind: ChangeKind, field: str) -> Callable[[Parts, str, int], None]:
    def plant(parts: Parts, text: str, n: int) -> None:
        event = ChangeEvent(f"change-{n}", ONSET - 20 - n, kind, "update", TRUTH, "pipeline", f"step {n}")
        value: Any = {"parameters": {"note": text}, "resources": (text,), "files": (text,)}.get(field, text)
        parts.events.append(replace(event, **{field: value}))

    return plant


def _alert(field: str) -> Callable[[Parts, str, int], None]:
    def plant(parts: Parts, text: str, n: int) -> None:
        alert = Alert(f"alert-{n}", f"Watch{n}", ONSET + n, service=TRUTH, summary="look at it")
        parts.alerts.append(replace(alert, **{field: {"runbook": text} if field == "labels" else text}))

    return plant


def _element(field: str) -> Callable[[Parts, str, int], None]:
    def plant(parts: Parts, text: str, n: int) -> None:
        element = Element(f"part{n}", ElementKind.CONTAINER, f"Part {n}")
        parts.elements.append(replace(element, **{field: {"dsn": text} if field == "properties" else text}))
        link = replace(parts.relationships[0], source=TRUTH, destination=element.id, description=text)
        parts.relationships.append(link)

    return plant


def _document(parts: Parts, text: str, n: int) -> None:
    parts.passages.append(Passage(f"runbook-{n}.md", 1, 2, f"If it breaks:\n{text}", ("Payment",)))


def _problem(parts: Parts, text: str, n: int) -> None:
    parts.problems.append(Problem("prod", f"403: {text}"))


def _question(parts: Parts, text: str, n: int) -> None:
    parts.question = replace(parts.question, text=f"{parts.question.text}. {text}")


def _fact(parts: Parts, text: str, n: int) -> None:
    parts.question = replace(parts.question, facts=(*parts.question.facts, text))


def _lent(field: str) -> Callable[[Parts, str, int], None]:
    def plant(parts: Parts, text: str, n: int) -> None:
        schema = {
            "type": "object",
            "properties": {"q": {"type": "string", "description": text if field == "schema" else "q"}},
        }
        told = text if field == "description" else "Tickets."
        parts.lent.append((f"tickets_{n}", told, schema, text if field == "answer" else "none"))

    return plant


PLACES: Mapping[str, Callable[[Parts, str, int], None]] = {
    "log": _log,
    "log-attribute": _attribute,
    "exception": _exception,
    "metric-label": _label,
    "metric-name": _name,
    "span-name": _span("name"),
    "span-message": _span("message"),
    "peer": _span("peer"),
    "change-summary": _event(ChangeKind.DEPLOY, "summary"),
    "change-parameters": _event(ChangeKind.CONTROL_PLANE, "parameters"),
    "change-diff": _event(ChangeKind.COMMIT, "diff"),
    "change-actor": _event(ChangeKind.COMMIT, "actor"),
    "change-resources": _event(ChangeKind.CONTROL_PLANE, "resources"),
    "change-error": _event(ChangeKind.CONTROL_PLANE, "error"),
    "kubernetes-event": _event(ChangeKind.KUBERNETES, "summary"),
    "alert-annotation": _alert("summary"),
    "alert-label": _alert("labels"),
    "component-properties": _element("properties"),
    "component-technology": _element("technology"),
    "component-url": _element("url"),
    "document": _document,
    "verdict": _document,
    "problem": _problem,
    "question": _question,
    "engineer": _fact,
    "lent-answer": _lent("answer"),
    "lent-description": _lent("description"),
    "lent-schema": _lent("schema"),
}
