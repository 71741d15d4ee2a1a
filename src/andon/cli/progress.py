"""Progress: what each event of a run's journal tells somebody who waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from andon.reports.text_safety import line

__all__ = ["told"]

_FIRST = 3
"""Hypotheses of the engine that are told while the model goes on."""
_LONGEST = 110


def told(type_: str, payload: Mapping[str, Any]) -> Iterator[str]:
    """The lines that an event is worth, none for most."""
    for text in _TOLD[type_](payload) if type_ in _TOLD else ():
        plain = line(text)
        yield plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"


def _arrived(payload: Mapping[str, Any]) -> Iterator[str]:
    status, size = payload["status"], f", {payload['bytes'] / 1e6:.1f} MB" if payload["bytes"] else ""
    yield f"{payload['source']}: {payload['signal']} " + (
        f"{payload['count']:,}{size}" if status == "ok" else status
    )


def _understood(payload: Mapping[str, Any]) -> Iterator[str]:
    yield from payload["why"]


def _windows(payload: Mapping[str, Any]) -> Iterator[str]:
    yield f"the incident is {payload['incident']}"


def _report(payload: Mapping[str, Any]) -> Iterator[str]:
    if payload["agent"] is None:
        yield payload["headline"]
        for one in payload["hypotheses"][:_FIRST]:
            yield f"  {one['likelihood']:.0%}  {one['mechanism_title']} at {one['name']}"


def _called(payload: Mapping[str, Any]) -> Iterator[str]:
    asked = ", ".join(
        f"{key}={value}" for key, value in payload["arguments"].items() if value not in ("", None)
    )
    yield f"the model asks {payload['tool']}({asked}): {payload['answer']}"


def _sent_back(payload: Mapping[str, Any]) -> Iterator[str]:
    count = len(payload["why"])
    yield f"its conclusion is sent back: {count} {'thing is' if count == 1 else 'things are'} lacking or not borne out"


def _stopped(payload: Mapping[str, Any]) -> Iterator[str]:
    yield f"the model stopped: {payload['why']}"


def _traced(payload: Mapping[str, Any]) -> Iterator[str]:
    if payload["problem"]:
        yield f"spans were not kept by {payload['to']}: {payload['problem']}"


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "arrived": _arrived,
    "called": _called,
    "report": _report,
    "sent-back": _sent_back,
    "stopped": _stopped,
    "traced": _traced,
    "understood": _understood,
    "windows": _windows,
}
