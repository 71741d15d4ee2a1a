"""Metrics in CSV: long (one row a point) and wide (one column a series).

Wide files may have several header rows whose first cell names the level (`microservice`, `metric`,
`statistic`); levels other than service, metric and unit become labels. Wide files may also have key
columns that hold text (`host`, `region`): they become the service and labels of every series. A flat
header is the metric's name, or `name{label="value"}`, or service and metric where the user states
the separator between them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from andon.connectors.files.columns import Collected
from andon.connectors.files.csv_rows import NumberBlock
from andon.connectors.files.fields import pick
from andon.connectors.files.reader import FileReader
from andon.connectors.files.series import SeriesTable, make_series

__all__ = ["parse_long", "parse_wide"]

MOST_HEADER_ROWS = 10
SAMPLE_ROWS = 50
ABSENT = frozenset({"", "nan", "null", "none", "na", "n/a", "-", "nil"})
_LABELLED = re.compile(r"([^{}]*)\{(.*)\}$")
_LABEL = re.compile(r'\s*([^=,{}]+?)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?')
Rows = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class _Heading:
    """What one column of a wide file holds."""

    column: int
    name: str
    service: str = ""
    unit: str = ""
    labels: tuple[tuple[str, str], ...] = ()


def parse_long(file: FileReader, into: Collected) -> None:
    """Rows of time, metric and value, with service, unit and labels where there are columns for them."""
    rows = file.csv_rows()
    header = _header(file, rows)
    at = {role: _index(file, header, role) for role in ("time", "metric", "value", "service", "unit")}
    missing = [role for role in ("time", "metric", "value") if at[role] < 0]
    if missing:
        raise file.error(
            f"no column for {', '.join(missing)}; the columns are {', '.join(header[:20])}",
            line=1,
            expected="time, metric, value (and service, unit, labels)",
            hint="name the columns of the file in incident.yaml under `columns`",
        )
    label_columns = [(i, name) for i, name in enumerate(header) if i not in at.values()]
    time_at, metric_at, value_at, service_at, unit_at = (
        at[role] for role in ("time", "metric", "value", "service", "unit")
    )
    table = SeriesTable()
    times: dict[str, float] = {}
    width = len(header)
    for line, row in rows:
        if len(row) != width:
            file.problem(f"row has {len(row)} cells where the header has {width}", line=line)
            if len(row) < width:
                continue
        written = row[time_at]
        time = times.get(written)
        if time is None:
            time = times[written] = file.times.text(written)
        if time != time:
            file.problem("unreadable time: row left out", line=line)
            continue
        labels = tuple((name, row[i]) for i, name in label_columns if row[i]) if label_columns else ()
        service = row[service_at] if service_at >= 0 else ""
        unit = row[unit_at] if unit_at >= 0 else ""
        table.add(row[metric_at], service, unit, labels, time, _cell(file, row[value_at], line))
    into.metrics.extend(table.series(file))


def parse_wide(file: FileReader, into: Collected) -> None:
    """One column a series; see the head of this module for what headers may look like."""
    rows = file.csv_rows()
    first = _header(file, rows)
    sample = list(islice(rows, SAMPLE_ROWS))
    time_at = _index(file, first, "time")
    if time_at < 0:
        time_at = 0
    levels = [first]
    while sample and not _is_time(file, sample[0][1], time_at) and len(levels) < MOST_HEADER_ROWS:
        levels.append(sample.pop(0)[1])
    if not sample:
        raise file.error(
            f"no row has a readable time in column {first[time_at]!r}",
            expected="a header and rows that begin with a time",
            hint="name the time column in incident.yaml: `columns: {time: …}`",
        )
    keys = _key_columns(file, first, [row for _, row in sample], time_at) if len(levels) == 1 else {}
    headings = (
        _level_headings(levels, time_at) if len(levels) > 1 else _flat_headings(file, first, time_at, keys)
    )
    if not headings:
        raise file.error("no column of numbers", expected="a time column and one column a series")
    columns = [heading.column for heading in headings]
    plain = not time_at and not keys
    following = chain(sample, rows.blocks(len(first)) if plain else rows)
    table = _read_cells(file, following, len(first), time_at, columns, list(keys))
    for group, (times, values) in table.items():
        stated = dict(zip(keys.values(), group, strict=True))
        service = stated.pop("service", "")
        for heading, column in zip(headings, values, strict=True):
            labels = {**stated, **dict(heading.labels)}
            into.metrics.append(
                make_series(
                    file, heading.name, heading.service or service, times, column, heading.unit, labels
                )
            )


def _read_cells(
    file: FileReader,
    rows: Iterable[NumberBlock | tuple[int, list[str]]],
    width: int,
    time_at: int,
    columns: list[int],
    keys: list[int],
) -> dict[tuple[str, ...], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Per combination of key cells: times (n,) and values (columns, n)."""
    found: dict[tuple[str, ...], tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]] = {}
    contiguous = columns == list(range(columns[0], columns[0] + len(columns)))
    after_time = np.array(columns) - 1
    for row in rows:
        if isinstance(row, NumberBlock):
            first, times = row.first, file.times.column(row.heads)
            group: tuple[str, ...] = ()
            numbers = row.numbers[:, after_time]
        else:
            first, cells = row
            if len(cells) != width:
                file.problem(f"row has {len(cells)} cells where the header has {width}", line=first)
                cells = cells + [""] * (width - len(cells))
            times, group = np.array([file.times.text(cells[time_at])]), tuple(cells[i] for i in keys)
            wanted = cells[columns[0] : columns[-1] + 1] if contiguous else [cells[i] for i in columns]
            numbers = _numbers(file, wanted, first)
        unread = np.isnan(times)
        if unread.any():
            line = first + int(np.argmax(unread))
            file.problem("unreadable time: row left out", line=line, count=int(unread.sum()))
            times, numbers = times[~unread], numbers[~unread]
        if len(times):
            all_times, matrix = found.setdefault(group, ([], []))
            all_times.append(times)
            matrix.append(numbers)
    return {
        group: (np.concatenate(times), np.ascontiguousarray(np.concatenate(matrix).T))
        for group, (times, matrix) in found.items()
    }


def _numbers(file: FileReader, cells: list[str], line: int) -> NDArray[np.float64]:
    """The cells of one row as numbers (1, n)."""
    nan = math.nan
    try:
        values = [float(cell) if cell else nan for cell in cells]
    except ValueError:
        values = [_cell(file, cell, line) for cell in cells]
    return np.array([values], dtype=np.float64)


def _header(file: FileReader, rows: Rows) -> list[str]:
    for _, row in rows:
        if any(cell.strip() for cell in row):
            return [cell.strip() for cell in row]
    raise file.error("empty", expected="a header row", hint="remove the file or bring one with rows")


def _index(file: FileReader, header: Sequence[str], role: str) -> int:
    """The position of the column for a role: as the user named it, else by its usual names; -1 when absent."""
    name = file.column(role)
    if name and name not in header:
        raise file.error(
            f"no column {name!r} (named for {role} in incident.yaml)",
            line=1,
            expected=f"one of {', '.join(header[:20])}",
        )
    name = name or pick(header, role)
    return header.index(name) if name else -1


def _is_time(file: FileReader, row: Sequence[str], at: int) -> bool:
    naive = file.times.naive
    readable = at < len(row) and not math.isnan(file.times.text(row[at]))
    file.times.naive = naive
    return readable


def _key_columns(file: FileReader, header: list[str], rows: list[list[str]], time_at: int) -> dict[int, str]:
    """Columns that hold text instead of numbers, with what they become: `service` or a label's name."""
    stated = [header.index(name) for name in file.column_list("labels") if name in header]
    service_at = _index(file, header, "service")
    keys: dict[int, str] = {}
    for i, name in enumerate(header):
        cells = [row[i] for row in rows if i < len(row) and row[i].strip().lower() not in ABSENT]
        textual = bool(cells) and not any(_is_number(cell) for cell in cells)
        if i != time_at and (textual or i in stated or (i == service_at and file.column("service"))):
            keys[i] = "service" if i == service_at else name
    return keys


def _flat_headings(file: FileReader, header: list[str], time_at: int, keys: dict[int, str]) -> list[_Heading]:
    separator = file.column("service_separator")
    headings = []
    for i, text in enumerate(header):
        if i == time_at or i in keys or not text:
            continue
        service, parting, metric = text.partition(separator) if separator else ("", "", "")
        if labelled := _LABELLED.match(text):
            labels = dict(_LABEL.findall(labelled[2]))
            service = labels.pop(pick(labels, "service"), "")
            headings.append(_Heading(i, labelled[1].strip(), service, "", tuple(labels.items())))
        elif parting and metric:
            headings.append(_Heading(i, metric, service))
        else:
            headings.append(_Heading(i, text))
    return headings


def _level_headings(levels: list[list[str]], time_at: int) -> list[_Heading]:
    named = [level for level in levels if any(cell.strip() for i, cell in enumerate(level) if i != time_at)]
    names = [
        (level[time_at].strip() if time_at < len(level) else "") or f"level {i}"
        for i, level in enumerate(named)
    ]
    roles = {role: pick(names, role) for role in ("service", "metric", "unit")}
    if not roles["metric"]:
        roles["metric"] = next((name for name in reversed(names) if name not in roles.values()), "")
    headings = []
    for i in range(len(levels[0])):
        if i == time_at:
            continue
        cells = {
            name: level[i].strip() if i < len(level) else "" for name, level in zip(names, named, strict=True)
        }
        if not any(cells.values()):
            continue
        service, metric, unit = (cells.pop(roles[role], "") for role in ("service", "metric", "unit"))
        labels = tuple((name, cell) for name, cell in cells.items() if cell)
        headings.append(_Heading(i, metric, service, unit, labels))
    return headings


def _cell(file: FileReader, text: str, line: int) -> float:
    """A number; NaN for what stands for nothing, and, counted, for what is no number."""
    try:
        return float(text)
    except ValueError:
        pass
    if text.strip().lower() in ABSENT:
        return math.nan
    try:
        return float(text.replace(",", ".")) if text.count(",") == 1 else _not_a_number(file, line)
    except ValueError:
        return _not_a_number(file, line)


def _not_a_number(file: FileReader, line: int) -> float:
    file.problem("cell is not a number: set to NaN", line=line)
    return math.nan


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
