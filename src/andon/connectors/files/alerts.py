"""An alert in JSON: not telemetry, but the words for the symptom and a time inside the incident."""

from __future__ import annotations

import math
from dataclasses import dataclass

from andon.connectors.files.fields import text_of
from andon.connectors.files.head import Head
from andon.connectors.files.times import TimeParser
from andon.telemetry import isoformat

__all__ = ["Alert", "alert_of"]

TIME_KEYS = ("fired_at", "firedAt", "startsAt", "triggered_at")


@dataclass(frozen=True, slots=True)
class Alert:
    """When it fired (Unix seconds) and what it says."""

    time: float
    symptom: str


def alert_of(head: Head) -> Alert | None:
    """The alert that a file holds as its only object; None when it is anything else."""
    if not head.whole or not head.looks_like_json or len(head.records) != 1:
        return None
    record = head.records[0]
    written = next((record[key] for key in TIME_KEYS if key in record), None)
    time = TimeParser()(written)
    if math.isnan(time):
        return None
    facts = [
        f"{key} {text_of(record[key])}"
        for key in ("service", "metric", "observed", "threshold")
        if record.get(key)
    ]
    facts.append(f"fired at {isoformat(time)}")
    words = text_of(
        record.get("summary") or record.get("description") or record.get("monitor") or record.get("name")
    )
    return Alert(time, f"{words} ({', '.join(facts)})" if words else ", ".join(facts))
