"""A made-up large incident in a folder: 500 services in layers, a day of metrics, half an hour into a bad deploy.

At full size: 5,000 series at one point a minute (wide CSV), 2 million log lines of about 300 templates (JSON lines),
500,000 spans (OTLP JSON lines), 10,000 control-plane calls (CloudTrail), the call graph. A service in the middle is
deployed, and 20 seconds later answers 0.4 s more slowly and logs an error that it never logged before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from andon.telemetry import isoformat

__all__ = ["Incident", "make"]

_END = 1_795_219_200.0
_DAY, _MINUTE = 86_400.0, 60.0
_INCIDENT, _DELAY, _SLOWER = 1_800.0, 20.0, 0.4
_LAYERS = (0.04, 0.16, 0.3, 0.3, 0.2)
_CALLS = 3
_CHANCE_OF_CALL = 0.5
_METRICS = {
    "requests": 300.0, "latency_ms": 0.0, "errors": 2.0, "cpu_percent": 40.0, "memory_bytes": 6e8, "gc_ms": 12.0,
    "connections": 25.0, "queue_length": 4.0, "disk_bytes": 2e10, "threads": 64.0,
}  # fmt: skip
_VERBS = (
    "accepted",
    "stored",
    "loaded",
    "sent",
    "verified",
    "queued",
    "closed",
    "opened",
    "renewed",
    "skipped",
)
_NOUNS = (
    "order",
    "basket",
    "session",
    "invoice",
    "parcel",
    "voucher",
    "profile",
    "ticket",
    "token",
    "message",
)
_ENDS = ("in {n} ms", "for customer {n}", "after {n} attempts")
_LOOKS = ("DescribeServices", "ListTasks", "DescribeTaskDefinition", "GetMetricData", "DescribeAlarms")
_SPANS_A_LINE = 100
_STRETCH = 500_000


@dataclass(frozen=True)
class Incident:
    """What was made: the guilty service, its deploy's event id, and the service at which people notice."""

    folder: Path
    culprit: str
    change: str
    symptom: str


@dataclass(frozen=True)
class _System:
    names: list[str]
    callees: list[list[int]]
    own: np.ndarray
    entries: int
    culprit: int
    symptom: int

    def added(self, slower: float) -> np.ndarray:
        """Expected seconds (services,) of a call, with the culprit slower by so much."""
        total = self.own.copy()
        total[self.culprit] += slower
        for i in reversed(range(len(self.names))):
            total[i] += _CHANCE_OF_CALL * sum(total[c] for c in self.callees[i])
        return total


def make(folder: Path, size: float, seed: int = 11) -> Incident:
    """Writes the files at a share of the full size; the same seed and size give the same files."""
    folder.mkdir(parents=True)
    chance = np.random.default_rng(seed)
    system = _system(int(500 * size), chance)
    _write_graph(folder, system)
    _write_metrics(folder, system, chance)
    _write_logs(folder / "logs.jsonl", system, int(2_000_000 * size), chance)
    _write_spans(folder / "traces.otlp.jsonl", system, int(500_000 * size), chance)
    change = _write_changes(folder / "cloudtrail.json", system, int(10_000 * size), chance)
    return Incident(folder, system.names[system.culprit], change, system.names[system.symptom])


def _system(count: int, chance: np.random.Generator) -> _System:
    bounds = np.cumsum([0, *(round(count * share) for share in _LAYERS)]).tolist()
    bounds[-1] = count
    callees: list[list[int]] = []
    for low, here, after in zip(bounds, bounds[1:], bounds[2:], strict=False):
        below = np.arange(here, after)
        callees += [sorted(chance.choice(below, _CALLS, replace=False).tolist()) for _ in range(low, here)]
    callees += [[] for _ in range(len(callees), count)]
    symptom = 0
    culprit = callees[callees[symptom][1]][1]
    names = [f"shop-{i:03d}-{_NOUNS[i % 10]}" for i in range(count)]
    return _System(names, callees, chance.uniform(0.005, 0.03, count), bounds[1], culprit, symptom)


def _write_graph(folder: Path, system: _System) -> None:
    with open(folder / "calls.csv", "w", encoding="utf-8") as file:
        file.write("source,target\n")
        for caller, callees in zip(system.names, system.callees, strict=True):
            file.writelines(f"{caller},{system.names[callee]}\n" for callee in callees)


def _write_metrics(folder: Path, system: _System, chance: np.random.Generator) -> None:
    """Fifty services a file, ten metrics each, with the rhythm of the day and noise."""
    times = np.arange(_END - _DAY, _END, _MINUTE)
    day = 1 + 0.3 * np.sin(2 * np.pi * (times - times[0]) / _DAY)
    late = times >= _END - _INCIDENT
    usual, slow = system.added(0.0), system.added(_SLOWER)
    for first in range(0, len(system.names), 50):
        names = system.names[first : first + 50]
        columns = []
        for i in range(first, first + len(names)):
            for metric, level in _METRICS.items():
                base = np.where(late, slow[i], usual[i]) * 1000 if metric == "latency_ms" else level * day
                columns.append(base * chance.normal(1, 0.05, len(times)))
        with open(folder / f"metrics-{first:03d}.csv", "w", encoding="utf-8") as file:
            file.write("service," + ",".join(name for name in names for _ in _METRICS) + "\n")
            file.write(
                "metric," + ",".join(_METRICS) * 1 + ("," + ",".join(_METRICS)) * (len(names) - 1) + "\n"
            )
            file.write("unix_timestamp" + "," * len(columns) + "\n")
            for time, row in zip(times.tolist(), np.stack(columns, axis=1).round(3).tolist(), strict=True):
                file.write(f"{time:.0f}," + ",".join(map(str, row)) + "\n")


def _write_logs(path: Path, system: _System, count: int, chance: np.random.Generator) -> None:
    """Drawn as columns, written a stretch at a time: twenty million lines take a few hundred megabytes while made."""
    templates = [f"{noun} {verb} {end}" for noun in _NOUNS for verb in _VERBS for end in _ENDS]
    times = np.sort(chance.uniform(_END - _DAY, _END, count))
    services = chance.integers(0, len(system.names), count).astype(np.int16)
    kinds = chance.integers(0, 6, count).astype(np.int8)
    numbers = chance.integers(1, 100_000, count).astype(np.int32)
    with open(path, "w", encoding="utf-8") as file:
        for first in range(0, count, _STRETCH):
            columns = (
                column[first : first + _STRETCH].tolist() for column in (times, services, kinds, numbers)
            )
            file.writelines(_log_lines(system, templates, *columns))


def _log_lines(
    system: _System,
    templates: list[str],
    times: list[float],
    services: list[int],
    kinds: list[int],
    numbers: list[int],
) -> Iterator[str]:
    onset, clock, stamp = _END - _INCIDENT, 0, ""
    for at, service, kind, number in zip(times, services, kinds, numbers, strict=True):
        text = templates[(service * 7 + kind) % len(templates)].replace("{n}", str(number))
        level = "ERROR" if number % 500 == 0 else "INFO"
        if service == system.culprit and at >= onset and kind < 3:
            level = "ERROR"
            text = f"connection pool exhausted after {number} ms waiting for a free connection"
        if int(at) != clock:
            clock = int(at)
            stamp = isoformat(at)[:-1]
        name, millis = system.names[service], int(at % 1 * 1000)
        yield (
            f'{{"timestamp":"{stamp}.{millis:03d}Z","level":"{level}","service":"{name}","message":"{text}"}}\n'
        )


def _write_spans(path: Path, system: _System, count: int, chance: np.random.Generator) -> None:
    batch: list[str] = []
    with open(path, "w", encoding="utf-8") as file:
        expected = float(np.mean([_spans_of(system, i) for i in range(system.entries)]))
        traces = round(count / expected)
        starts = np.sort(chance.uniform(_END - _DAY, _END - 5, traces)).tolist()
        for number, start in enumerate(starts):
            entry = number % system.entries
            batch += [_resource(system, *span) for span in _trace(system, entry, start, number, chance)]
            if len(batch) >= _SPANS_A_LINE:
                file.write('{"resourceSpans":[' + ",".join(batch) + "]}\n")
                batch = []
        file.write('{"resourceSpans":[' + ",".join(batch) + "]}\n")


def _spans_of(system: _System, service: int) -> float:
    return 1 + _CHANCE_OF_CALL * sum(_spans_of(system, callee) for callee in system.callees[service])


Span = tuple[str, int, int, int, float, float]


def _trace(system: _System, entry: int, start: float, number: int, chance: np.random.Generator) -> list[Span]:
    """Trace id, span, parent, service, start and duration of every call below one request."""
    spans: list[Span] = []
    trace_id = f"{number + 1:032x}"

    def call(service: int, parent: int, at: float) -> float:
        span = len(spans) + 1
        spans.append((trace_id, span, parent, service, at, 0.0))
        own = float(system.own[service] * chance.uniform(0.6, 1.4))
        if service == system.culprit and at >= _END - _INCIDENT:
            own += _SLOWER
        clock = at + own / 2
        for callee in system.callees[service]:
            if chance.random() < _CHANCE_OF_CALL:
                clock = call(callee, span, clock)
        end = clock + own / 2
        spans[span - 1] = (trace_id, span, parent, service, at, end - at)
        return end

    call(entry, 0, start)
    return spans


def _resource(
    system: _System, trace_id: str, span: int, parent: int, service: int, start: float, duration: float
) -> str:
    name = system.names[service]
    began = int(start * 1e9)
    above = f'"parentSpanId":"{trace_id[20:]}{parent:04x}",' if parent else ""
    return (
        f'{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{name}"}}}}]}},'
        f'"scopeSpans":[{{"spans":[{{"traceId":"{trace_id}","spanId":"{trace_id[20:]}{span:04x}",{above}'
        f'"name":"GET /{name[9:]}","kind":2,"startTimeUnixNano":"{began}",'
        f'"endTimeUnixNano":"{began + int(duration * 1e9)}","status":{{}}}}]}}]}}'
    )


def _write_changes(path: Path, system: _System, count: int, chance: np.random.Generator) -> str:
    """Nine calls in ten look; one in ten restarts some service. The last restart of the culprit is guilty."""
    times = np.sort(chance.uniform(_END - _DAY, _END, count)).tolist()
    records = [
        _record(
            f"{i:08x}-0000-4000-8000-000000000000",
            at,
            name,
            _LOOKS[i % len(_LOOKS)] if i % 10 else "UpdateService",
        )
        for i, (at, name) in enumerate(zip(times, _named(system, chance), strict=False))
    ]
    guilty = "ffffffff-0000-4000-8000-000000000000"
    at = _END - _INCIDENT - _DELAY
    records.append(_record(guilty, at, system.names[system.culprit], "UpdateService"))
    path.write_text(json.dumps({"Records": records}), encoding="utf-8")
    return guilty


def _named(system: _System, chance: np.random.Generator) -> Iterator[str]:
    others = [name for i, name in enumerate(system.names) if i != system.culprit]
    while True:
        yield others[int(chance.integers(0, len(others)))]


def _record(event: str, at: float, service: str, name: str) -> dict[str, object]:
    parameters: dict[str, object] = {"cluster": "shop", "service": service}
    if name == "UpdateService":
        parameters["taskDefinition"] = f"{service}:{int(at) % 97}"
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "userName": "pipeline",
            "arn": "arn:aws:iam::111122223333:user/pipeline",
        },
        "eventTime": isoformat(at),
        "eventSource": "ecs.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "requestParameters": parameters,
        "readOnly": name != "UpdateService",
        "eventID": event,
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
    }
