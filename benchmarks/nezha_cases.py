"""Cases of Nezha (Yu et al., Nezha: Interpretable Fine-Grained Root Causes Analysis, FSE 2023) as folders that andon reads.

A case is the recorded minute before a fault was injected and the two after it. The fault-free telemetry of the same
application (`construct_data`) was recorded at another time of the day: each case gets its spans and records as its past, shifted
in time so that they end where the case begins. They are the baseline, with the hour of metrics before; the minute before the
injection belongs to neither window, for it may still hold what the fault before left. Pods are named by the workload that they belong to. Nothing of a fault is written into a folder.
"""

from __future__ import annotations

import contextlib
import csv
import json
import re
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from andon.telemetry import Window

__all__ = ["Case", "Day", "cases", "days", "quiet_cases", "unpacked", "workload"]

_POD = re.compile(r"-[bcdfghjklmnpqrstvwxz0-9]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$")
"""What Kubernetes appends to a deployment's name: the hash of a replica set, and a suffix (both without vowels)."""
_MINUTES = (-1, 0, 1, 2, 3)
"""The recorded minutes around an injection, as offsets: those that are there are read."""
_INCIDENT = 135.0
"""Seconds after the injection that are looked at: two minutes, and the metrics that are scraped at their end."""
_HISTORY = 3600.0
"""Seconds of metrics before the injection."""
_LOOKED_AT = ("2023-01-29 ",)
"""The days whose cases were looked at while andon was written: figures on them are figures of development."""
_NANO = 1_000_000_000
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Table:
    """Rows of one signal with their time (Unix nanoseconds), and the columns' names."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def between(self, start: float, end: float) -> Table:
        return Table(self.header, tuple(row for row in self.rows if start * _NANO <= row[0] < end * _NANO))

    def shifted(self, seconds: float, times: Sequence[str]) -> Table:
        """The rows at another time; `times` are the columns that hold Unix nanoseconds."""
        by, at = round(seconds * _NANO), [i for i, name in enumerate(self.header) if name in times]
        moved = []
        for time, row in self.rows:
            cells = list(row)
            for i in at:
                cells[i] = str(int(cells[i]) + by)
            moved.append((time + by, cells))
        return Table(self.header, tuple(moved))

    def then(self, other: Table) -> Table:
        """Both, each row once."""
        known = {(time, *cells): (time, cells) for time, cells in (*self.rows, *other.rows)}
        return Table(self.header or other.header, tuple(sorted(known.values(), key=lambda row: row[0])))

    def write(self, path: Path) -> None:
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(self.header)
            writer.writerows(cells for _, cells in self.rows)


@dataclass(frozen=True)
class Fault:
    time: float
    service: str
    kind: str


@dataclass(frozen=True)
class Day:
    """One recorded day: the folder of its faults, that of its fault-free telemetry, what was injected."""

    folder: Path
    quiet: Path
    faults: tuple[Fault, ...]

    @property
    def name(self) -> str:
        return self.folder.name


@dataclass(frozen=True)
class Case:
    """Telemetry with a fault; `service` is its workload and `kind` what was injected, both empty on quiet time."""

    name: str
    spans: Table
    logs: Table
    metrics: Table
    entry: str
    baseline: Window
    incident: Window
    service: str = ""
    kind: str = ""

    @property
    def development(self) -> bool:
        """Whether the case is of a day that was looked at while andon was written."""
        return self.name.startswith(_LOOKED_AT)

    @property
    def services(self) -> tuple[str, ...]:
        at = self.metrics.header.index("service")
        return tuple(sorted({cells[at] for _, cells in self.metrics.rows}))

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.spans.write(folder / "spans.csv")
        self.logs.write(folder / "logs.csv")
        self.metrics.write(folder / "metrics.csv")


def workload(pod: str) -> str:
    """The name of the deployment that a pod belongs to; the pod's own where it follows no rule."""
    return _POD.sub("", pod)


@contextlib.contextmanager
def unpacked(root: Path, scratch: Path) -> Iterator[Path]:
    """The folder itself where it holds days, else a scratch folder with its archives unpacked."""
    if any(root.rglob("*fault_list.json")):
        yield root
        return
    for archive in sorted(root.glob("*.tar*")):
        with tarfile.open(archive) as file:
            file.extractall(scratch, filter="data")
    yield scratch


def days(root: Path) -> list[Day]:
    """Every day that has a list of faults and fault-free telemetry of the same day or application."""
    found = []
    for path in sorted(root.rglob("*fault_list.json")):
        top = path.parents[2]
        quiet = top / "construct_data" / path.parent.name
        if quiet.is_dir():
            told = json.loads(path.read_text(encoding="utf-8"))
            faults = (_fault(entry) for hour in told.values() for entry in hour)
            found.append(Day(path.parent, quiet, tuple(sorted(faults, key=lambda fault: fault.time))))
    return found


def _fault(entry: dict[str, str]) -> Fault:
    time = datetime.strptime(entry["inject_time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    return Fault(time, workload(entry["inject_pod"]), entry["inject_type"])


def cases(day: Day) -> Iterator[Case]:
    """Each fault's case."""
    past = _past(day)
    metrics, entry = _metrics(day.folder / "metric"), _entry(past[0])
    for fault in day.faults:
        spans, logs = (_recorded(_around(day.folder / signal, fault.time)) for signal in ("trace", "log"))
        if spans.rows:
            yield _case(day, fault, (spans, logs, metrics), past, entry)


def quiet_cases(day: Day) -> Iterator[Case]:
    """Parts of the fault-free time, each as an incident with what is before it, or after it, as its baseline."""
    spans, logs = _past(day)
    metrics, entry = _metrics(day.quiet / "metric"), _entry(spans)
    start, end = spans.rows[0][0] / _NANO, spans.rows[-1][0] / _NANO + 1
    for name, low, high in (
        ("last half", 1 / 2, 1.0),
        ("last third", 2 / 3, 1.0),
        ("first third", 0.0, 1 / 3),
    ):
        incident = Window(start + low * (end - start), start + high * (end - start))
        baseline = Window(incident.end, end) if low == 0.0 else Window(start, incident.start)
        yield Case(
            f"{day.name} quiet, {name}", spans, logs, metrics.between(start, end), entry, baseline, incident
        )


def _past(day: Day) -> tuple[Table, Table]:
    """Spans and log records of the fault-free time."""
    spans, logs = (_recorded(sorted((day.quiet / signal).glob("*.csv"))) for signal in ("trace", "log"))
    return spans, logs


def _case(
    day: Day, fault: Fault, tables: tuple[Table, Table, Table], past: tuple[Table, Table], entry: str
) -> Case:
    minute = fault.time - 60 - fault.time % 60
    incident = Window(fault.time, fault.time + _INCIDENT)
    spans, logs = (table.between(minute, incident.end) for table in tables[:2])
    start, end = past[0].rows[0][0] / _NANO, past[0].rows[-1][0] / _NANO + 1
    begin = spans.rows[0][0] / _NANO
    times = ("StartTimeUnixNano", "EndTimeUnixNano", "time")
    old_spans, old_logs = (table.between(start, end).shifted(begin - end, times) for table in past)
    at = datetime.fromtimestamp(fault.time, UTC).strftime("%H:%M:%S")
    return Case(
        f"{day.name} {at} {fault.service}",
        old_spans.then(spans),
        old_logs.then(logs),
        tables[2].between(fault.time - _HISTORY, incident.end),
        entry,
        Window(fault.time - _HISTORY, begin),
        incident,
        fault.service,
        fault.kind,
    )


def _around(folder: Path, time: float) -> list[Path]:
    stamps = (datetime.fromtimestamp(time + 60 * m, UTC).strftime("%H_%M") for m in _MINUTES)
    return [path for stamp in stamps for path in sorted(folder.glob(f"{stamp}_*.csv"))]


def _recorded(paths: Sequence[Path]) -> Table:
    """Spans or log records of several files, with services for pods."""
    header: tuple[str, ...] = ()
    found: dict[tuple[str, ...], Row] = {}
    csv.field_size_limit(sys.maxsize)
    for path in paths:
        with open(path, encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            header = tuple(name.strip() for name in next(rows))
            time = next(i for i, n in enumerate(header) if n in ("StartTimeUnixNano", "TimeUnixNano"))
            pod = header.index("PodName")
            for row in rows:
                if len(row) != len(header) or not row[time].isdecimal():
                    continue
                row[pod] = workload(row[pod])
                found.setdefault(tuple(row), (int(row[time]), row))
    names = {"PodName": "service", "Timestamp": "written", "TimeUnixNano": "time"}
    header = tuple(names.get(name, name) for name in header)
    return Table(header, tuple(sorted(found.values(), key=lambda row: row[0])))


def _metrics(folder: Path) -> Table:
    """Every pod's series, in one table."""
    header: tuple[str, ...] = ()
    found: list[Row] = []
    for path in sorted(folder.glob("*.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            names = rows.fieldnames or []
            if "PodName" not in names or "TimeStamp" not in names:
                continue
            measured = [name for name in names if name not in ("Time", "TimeStamp", "PodName")]
            header = ("time", "service", *measured)
            for row in rows:
                cells = [row["TimeStamp"], workload(row["PodName"]), *(row[name] or "" for name in measured)]
                found.append((int(float(row["TimeStamp"])) * _NANO, cells))
    return Table(header, tuple(sorted(found, key=lambda row: row[0])))


def _entry(spans: Table) -> str:
    """The service at which most traces begin."""
    parent, service = spans.header.index("ParentID"), spans.header.index("service")
    roots = Counter(cells[service] for _, cells in spans.rows if cells[parent].lower() in ("", "root"))
    return roots.most_common(1)[0][0] if roots else ""
