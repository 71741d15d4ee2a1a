"""Kubernetes events, as `kubectl get events -o json` writes them or one a line.

Both `v1` (involvedObject, firstTimestamp, lastTimestamp, count) and `events.k8s.io/v1` (regarding,
eventTime, series, note) are read. An event that was seen again later gives two change events, one at
its first and one at its last time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from andon.connectors.files.columns import Collected
from andon.connectors.files.fields import text_of
from andon.connectors.files.reader import FileReader
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["kubernetes_changes", "parse_kubernetes_events"]


def parse_kubernetes_events(file: FileReader, into: Collected) -> None:
    """Change events of kind `kubernetes`: action is the reason, target the object's name."""
    for line, outer in file.records("items"):
        inner = outer.get("object")
        record = inner if isinstance(inner, dict) and "involvedObject" in inner else outer
        found = kubernetes_changes(record, file.times)
        into.changes.extend(found)
        if not found:
            file.problem("event without a readable time and reason left out", line=line)


def kubernetes_changes(record: Mapping[str, Any], seconds: Callable[[Any], float]) -> tuple[ChangeEvent, ...]:
    """What one event tells: at its first time and, where it was seen again, at its last.

    `seconds` reads a written time as Unix seconds, NaN where it cannot. Empty without a readable time or reason.
    """
    reason = text_of(record.get("reason"))
    times = _times(record, seconds)
    if not times or not reason:
        return ()
    first, last = min(times), max(times)
    once = _event(record, first, reason)
    return (once, _event(record, last, reason, again=True)) if last > first else (once,)


def _times(record: Mapping[str, Any], seconds: Callable[[Any], float]) -> list[float]:
    series = _part(record, "series")
    written = [
        record.get(k)
        for k in (
            "firstTimestamp",
            "eventTime",
            "deprecatedFirstTimestamp",
            "lastTimestamp",
            "deprecatedLastTimestamp",
        )
    ]
    written.append(series.get("lastObservedTime"))
    times = [seconds(value) for value in written if value]
    readable = [time for time in times if time == time]
    if not readable:
        created = seconds(_part(record, "metadata").get("creationTimestamp"))
        readable = [created] if created == created else []
    return readable


def _event(record: Mapping[str, Any], time: float, reason: str, *, again: bool = False) -> ChangeEvent:
    about = _part(record, "involvedObject") or _part(record, "regarding")
    metadata, source, series = (_part(record, key) for key in ("metadata", "source", "series"))
    kind, name = text_of(about.get("kind")), text_of(about.get("name"))
    namespace = text_of(about.get("namespace") or metadata.get("namespace"))
    node = text_of(source.get("host") or _part(record, "deprecatedSource").get("host"))
    message = text_of(record.get("message") or record.get("note"))
    count = record.get("count") or series.get("count") or record.get("deprecatedCount") or 1
    identifier = text_of(metadata.get("uid") or metadata.get("name")) or f"{reason}/{name}@{time:.3f}"
    return ChangeEvent(
        id=f"{identifier}/last" if again else identifier,
        time=time,
        kind=ChangeKind.KUBERNETES,
        action=reason,
        target=name,
        actor=text_of(
            source.get("component") or record.get("reportingController") or record.get("reportingComponent")
        ),
        summary=message,
        origin=namespace,
        resources=tuple(part for part in (f"{kind}/{name}" if kind else "", node) if part),
        parameters={
            "type": text_of(record.get("type")),
            "count": count,
            "kind": kind,
            "namespace": namespace,
        },
    )


def _part(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = record.get(key)
    return value if isinstance(value, dict) else {}
