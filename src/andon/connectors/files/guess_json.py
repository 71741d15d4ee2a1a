"""Telling JSON files apart by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from andon.connectors.files.fields import pick
from andon.connectors.files.head import Head
from andon.connectors.files.manifest import FileEntry
from andon.connectors.files.times import TimeParser
from andon.connectors.files.verdict import Question, Verdict
from andon.connectors.source import Signal

__all__ = ["guess_json"]

OTLP = {
    ("resourceMetrics", "resource_metrics"): Signal.METRICS,
    ("resourceLogs", "resource_logs"): Signal.LOGS,
    ("resourceSpans", "resource_spans"): Signal.TRACES,
}
NESTED: tuple[tuple[frozenset[str], Signal, str, str], ...] = (
    (
        frozenset({"eventName", "eventSource"}),
        Signal.CHANGES,
        "cloudtrail",
        "records with eventSource and eventName",
    ),
    (frozenset({"CloudTrailEvent"}), Signal.CHANGES, "cloudtrail", "an answer of lookup-events"),
    (
        frozenset({"involvedObject", "reason"}),
        Signal.CHANGES,
        "kubernetes-events",
        "events with an involvedObject",
    ),
    (frozenset({"regarding", "reason"}), Signal.CHANGES, "kubernetes-events", "events that regard an object"),
    (
        frozenset({"traceID", "spanID", "operationName"}),
        Signal.TRACES,
        "jaeger",
        "spans as Jaeger writes them",
    ),
    (frozenset({"metric", "values"}), Signal.METRICS, "prometheus", "results of a Prometheus range query"),
    (frozenset({"resultType", "result"}), Signal.METRICS, "prometheus", "the answer of a Prometheus query"),
    (
        frozenset({"equipment", "technician"}),
        Signal.CHANGES,
        "work-orders",
        "work orders of a maintenance system",
    ),
    (frozenset({"wonum", "assetnum"}), Signal.CHANGES, "work-orders", "work orders of a maintenance system"),
    (frozenset({"softwareSystems"}), Signal.TOPOLOGY, "structurizr", "a Structurizr workspace in JSON"),
    (
        frozenset({"deploymentNodes", "model"}),
        Signal.TOPOLOGY,
        "structurizr",
        "a Structurizr workspace in JSON",
    ),
)
"""Sets of keys that must all occur, the most telling first."""


def guess_json(head: Head) -> Verdict:
    """The signal and format of a JSON document, array or lines; unknown when no keys tell."""
    signals = [signal for names, signal in OTLP.items() if head.keys.intersection(names)]
    if signals:
        entries = tuple(FileEntry(path=head.path, signal=signal, format="otlp-jsonl") for signal in signals)
        return Verdict(entries, "OTLP JSON lines")
    for keys, signal, name, why in NESTED:
        if keys <= head.keys:
            return Verdict.of(head.path, signal, name, why)
    if not head.records:
        return Verdict.unknown("JSON in which no record could be read")
    names = list(dict.fromkeys(name for record in head.records for name in record))
    signal_and_format = _flat(names)
    if signal_and_format is None:
        return Verdict.unknown(f"JSON of an unknown kind; the fields are {', '.join(names[:12])}")
    signal, name, why = signal_and_format
    read = TimeParser()
    times = _times(head.records, names, read)
    columns = _columns(signal, names)
    entry = FileEntry(path=head.path, signal=signal, format=name, columns=columns)
    return Verdict((entry,), why, Question.zone(head.path, read), tuple(times))


def _flat(names: list[str]) -> tuple[Signal, str, str] | None:
    """Signal, format and reason for records with these fields."""
    have = {name.lower() for name in names}
    timed = bool(pick(names, "time"))
    if have & {"sha", "commit_hash"} and have & {"author", "message", "files_changed", "diff", "committer"}:
        return Signal.CHANGES, "commits", "records with a sha, as commits have"
    if pick(names, "span_id") and pick(names, "start") and (pick(names, "duration") or pick(names, "end")):
        return Signal.TRACES, "json", "records with a span id, a start and a duration"
    if timed and have & {"flag", "flag_key", "toggle"}:
        return Signal.CHANGES, "flags", "records with a flag and a time"
    if (
        (timed or "deployed_at" in have)
        and have & {"commit_sha", "version", "deployed_at", "deploy_id"}
        and "message" not in have
    ):
        return Signal.CHANGES, "deploys", "records with a version or commit and a time"
    if timed and (pick(names, "message") or pick(names, "level")):
        return Signal.LOGS, "jsonl", "records with a time and a message or level"
    return None


def _columns(signal: Signal, names: list[str]) -> dict[str, str | list[str]]:
    if signal is not Signal.LOGS:
        return {}
    return {role: name for role in ("time", "level", "message", "service") if (name := pick(names, role))}


def _times(records: list[dict[str, Any]], names: list[str], read: TimeParser) -> list[float]:
    name = pick(names, "time") or pick(names, "start")
    written: list[Mapping[str, Any]] = [record for record in records if record.get(name) is not None]
    return [time for record in written if (time := read(record[name])) == time]
