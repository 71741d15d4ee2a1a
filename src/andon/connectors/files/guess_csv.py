"""Telling CSV files apart by their header and first rows."""

from __future__ import annotations

import csv
import math

from andon.connectors.files.csv_rows import delimiter_of
from andon.connectors.files.fields import SYNONYMS, pick
from andon.connectors.files.head import Head
from andon.connectors.files.manifest import FileEntry
from andon.connectors.files.times import TimeParser
from andon.connectors.files.verdict import Question, Verdict
from andon.connectors.source import Signal

__all__ = ["guess_csv"]

ROWS_LOOKED_AT = 60
OLDEST_EPOCH = 1e8
SEPARATORS = ("_", "/", ":", ".")


def guess_csv(head: Head) -> Verdict:
    """The signal and format of a CSV file; unknown, with the columns found, when no rule fits."""
    rows = _rows(head)
    if len(rows) < 2 or len(rows[0]) < 2:
        return Verdict.unknown("no table of at least two columns and two rows")
    header = [cell.strip() for cell in rows[0]]
    if _is_matrix(header, rows[1:]):
        return Verdict.of(
            head.path, Signal.TOPOLOGY, "csv-matrix", "the first row and the first column hold the same names"
        )
    times = _time_columns(header, rows[1:])
    time = _chosen(header, times)
    if (
        pick(header, "span_id")
        and pick(header, "start")
        and (pick(header, "duration") or pick(header, "end"))
    ):
        return _verdict(
            head,
            rows,
            Signal.TRACES,
            "csv",
            "columns for a span id, a start and a duration",
            pick(header, "start"),
        )
    if not times and pick(header, "source") and pick(header, "target"):
        return Verdict.of(head.path, Signal.TOPOLOGY, "csv-edges", "columns for source and target")
    if time and pick(header, "metric") and pick(header, "value"):
        return _verdict(
            head, rows, Signal.METRICS, "csv-long", "columns for time, metric and value", time, times
        )
    if time and pick(header, "message"):
        return _verdict(head, rows, Signal.LOGS, "csv", "columns for time and message", time, times)
    if time and _has_numbers(header, rows[1:], time):
        return _verdict(
            head, rows, Signal.METRICS, "csv-wide", "a time column and columns of numbers", time, times
        )
    depth = next((i for i, row in enumerate(rows) if i and row and _is_time(row[0])), 0)
    if depth > 1:
        levels = ", ".join(row[0] for row in rows[:depth] if row[0])
        return Verdict.of(
            head.path,
            Signal.METRICS,
            "csv-wide",
            f"{depth} header rows ({levels}), then rows that begin with a time",
        )
    return Verdict.unknown(f"CSV of an unknown kind; the columns are {', '.join(header[:12])}")


def _rows(head: Head) -> list[list[str]]:
    lines = [line.replace("\0", "") for line in head.lines[: ROWS_LOOKED_AT * 2] if line.strip()]
    if not lines:
        return []
    try:
        return list(csv.reader(lines, delimiter=delimiter_of(lines[0])))[:ROWS_LOOKED_AT]
    except csv.Error:
        return []


def _verdict(
    head: Head,
    rows: list[list[str]],
    signal: Signal,
    name: str,
    why: str,
    time: str,
    times: tuple[str, ...] = (),
) -> Verdict:
    header = [cell.strip() for cell in rows[0]]
    read = TimeParser()
    at = header.index(time)
    seen = [t for row in rows[1:] if at < len(row) and (t := read.text(row[at])) == t]
    questions = list(Question.zone(head.path, read))
    columns: dict[str, str | list[str]] = {} if signal is Signal.TRACES else {"time": time}
    rivals = [other for other in times if other != time and other.lower() in SYNONYMS["time"]]
    if rivals:
        questions.append(
            Question(
                head.path, "columns.time", f"Which column is the time: {time} (taken), {', '.join(rivals)}?"
            )
        )
    if name == "csv-wide" and (separator := _separator(header, time)):
        text = f"Do the headers part service and metric by {separator!r}?"
        questions.append(Question(head.path, "columns.service_separator", text))
    roles = {"csv-long": ("metric", "value", "service", "unit"), "csv": ("message", "level", "service")}.get(
        name, ()
    )
    if signal is not Signal.TRACES:
        columns.update({role: found for role in roles if (found := pick(header, role))})
    entry = FileEntry(path=head.path, signal=signal, format=name, columns=columns)
    return Verdict((entry,), why, tuple(questions), tuple(seen))


def _is_matrix(header: list[str], rows: list[list[str]]) -> bool:
    names = set(header[1:])
    first = [row[0].strip() for row in rows if row]
    numeric = all(_is_number(cell) for row in rows[:3] for cell in row[1:] if cell.strip())
    return (
        numeric and len(first) > 0 and all(name in names for name in first) and len(names) == len(header) - 1
    )


def _time_columns(header: list[str], rows: list[list[str]]) -> tuple[str, ...]:
    """Columns whose cells are all times; bare numbers count only from 1973 on, and with a name that says time."""
    found = []
    for i, name in enumerate(header):
        cells = [row[i] for row in rows if i < len(row) and row[i].strip()]
        if not cells or not all(_is_time(cell) for cell in cells[:20]):
            continue
        if (
            name.lower() in SYNONYMS["time"]
            or name.lower() in SYNONYMS["start"]
            or i == 0
            or not _is_number(cells[0])
        ):
            found.append(name)
    return tuple(found)


def _chosen(header: list[str], times: tuple[str, ...]) -> str:
    return (pick((name for name in header if name in times), "time") or times[0]) if times else ""


def _has_numbers(header: list[str], rows: list[list[str]], time: str) -> bool:
    at = header.index(time)
    return any(_is_number(cell) for row in rows[:20] for i, cell in enumerate(row) if i != at)


def _separator(header: list[str], time: str) -> str:
    """A sign that parts every header in two, with several headers sharing the first part."""
    names = [name for name in header if name and name != time]
    for sign in SEPARATORS:
        parts = [name.split(sign, 1) for name in names]
        firsts = {part[0] for part in parts}
        if (
            len(names) > 3
            and all(len(part) == 2 and all(part) for part in parts)
            and 1 < len(firsts) < len(names)
        ):
            return sign
    return ""


def _is_time(cell: str) -> bool:
    time = TimeParser().text(cell)
    return not math.isnan(time) and time >= OLDEST_EPOCH


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
