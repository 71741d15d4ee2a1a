"""The part of InfluxQL that andon sends, executed on points in memory.

`SHOW MEASUREMENTS`, `FIELD KEYS`, `TAG KEYS`, `SERIES`, `RETENTION POLICIES`; `SELECT` of mean, max, min and sum, also of
`non_negative_difference(max())` in a subquery, with conditions on time and tags, `GROUP BY time` and tags, `fill(none)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["Point", "Refused", "run"]

Table = dict[str, Any]
_NAME = r'"((?:[^"\\]|\\.)*)"'
_TEXT = r"'((?:[^'\\]|\\.)*)'"
_SELECT, _FROM = "SELECT ", " FROM "
_AGGREGATES: Mapping[str, Callable[[list[float]], float]] = {
    "mean": lambda values: sum(values) / len(values),
    "max": max,
    "min": min,
    "sum": sum,
}
_GROUPED = re.compile(
    rf"(?P<where>.*?) GROUP BY time\((?P<step>\d+)ms\)(?P<tags>(?:, {_NAME})*)(?: fill\(none\))?$", re.DOTALL
)
_COUNTED = re.compile(
    rf"{_SELECT}sum\(\"gained\"\) AS {_NAME}{_FROM}\({_SELECT}non_negative_difference\(max\({_NAME}\)\) AS \"gained\"{_FROM}{_NAME}"
    r"(?P<inner>.*?) GROUP BY time\((?P<each>\d+)ms\), \*\)(?P<rest>.*)$",
    re.DOTALL,
)
_LEVELS = re.compile(rf"{_SELECT}(?P<columns>.*?){_FROM}{_NAME}(?P<rest>.*)$", re.DOTALL)
_COLUMN = re.compile(rf"(mean|max|min)\({_NAME}\) AS {_NAME}(?:, |$)")


class Refused(Exception):
    """A statement that InfluxDB, or this imitation of it, does not take."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point: measurement, tags, fields, Unix seconds."""

    measurement: str
    tags: Mapping[str, str]
    fields: Mapping[str, float]
    time: float


def run(statement: str, points: Sequence[Point]) -> list[Table]:
    """The tables that a statement brings. Raises Refused."""
    if statement == "SHOW MEASUREMENTS":
        names = sorted({point.measurement for point in points})
        return [_table("measurements", ["name"], [[name] for name in names])] if names else []
    if statement == "SHOW FIELD KEYS":
        return _keys(
            points, "fieldKey", lambda point: [[field, "float"] for field in point.fields], "fieldType"
        )
    if statement == "SHOW TAG KEYS":
        return _keys(points, "tagKey", lambda point: [[tag] for tag in point.tags])
    if statement.startswith("SHOW RETENTION POLICIES ON "):
        return [_table("", ["name", "duration"], [["autogen", "0s"]])]
    if found := re.match(rf"SHOW SERIES FROM {_NAME}(.*) LIMIT (\d+)$", statement, re.DOTALL):
        takes = _condition(found[2])
        chosen = [p for p in points if p.measurement == _plain(found[1]) and takes(p)]
        keys = sorted(
            {",".join([p.measurement, *(f"{t}={v}" for t, v in sorted(p.tags.items()))]) for p in chosen}
        )
        return [_table("", ["key"], [[key] for key in keys[: int(found[3])]])]
    if found := _COUNTED.match(statement):
        return _increases(found, points)
    if found := _LEVELS.match(statement):
        return _levels(found, points)
    raise Refused(f"error parsing query: found {statement[:20]}")


def _table(
    name: str, columns: list[str], rows: list[list[Any]], tags: Mapping[str, str] | None = None
) -> Table:
    table: Table = {"columns": columns, "values": rows}
    return table | ({"name": name} if name else {}) | ({"tags": dict(tags)} if tags else {})


def _keys(
    points: Sequence[Point], column: str, of: Callable[[Point], list[list[str]]], *more: str
) -> list[Table]:
    found: dict[str, dict[tuple[str, ...], None]] = {}
    for point in points:
        found.setdefault(point.measurement, {}).update(dict.fromkeys(map(tuple, of(point))))
    return [
        _table(name, [column, *more], [list(k) for k in sorted(keys)]) for name, keys in sorted(found.items())
    ]


def _levels(found: re.Match[str], points: Sequence[Point]) -> list[Table]:
    columns = [(how, _plain(field), _plain(name)) for how, field, name in _COLUMN.findall(found["columns"])]
    if _COLUMN.sub("", found["columns"]):
        raise Refused(f"error parsing query: found {found['columns']}")
    measurement, grouped = _plain(found[2]), _split(found["rest"])
    groups: dict[tuple[str, ...], dict[float, list[Point]]] = {}
    for point in points:
        if point.measurement == measurement and grouped.takes(point):
            times = groups.setdefault(tuple(point.tags.get(tag, "") for tag in grouped.tags), {})
            times.setdefault(point.time // grouped.step * grouped.step, []).append(point)
    tables = []
    for key, times in sorted(groups.items()):
        rows = []
        for time, inside in sorted(times.items()):
            cells = [
                _AGGREGATES[how](values)
                if (values := [p.fields[f] for p in inside if f in p.fields])
                else None
                for how, f, _ in columns
            ]
            rows.append([round(time * 1000), *cells])
        names = ["time", *(name for _, _, name in columns)]
        tables.append(_table(measurement, names, rows, dict(zip(grouped.tags, key, strict=True))))
    return tables


def _increases(found: re.Match[str], points: Sequence[Point]) -> list[Table]:
    name, field, measurement = (_plain(found[i]) for i in (1, 2, 3))
    takes, each, grouped = _condition(found["inner"]), int(found["each"]) / 1000, _split(found["rest"])
    highest: dict[frozenset[tuple[str, str]], dict[float, float]] = {}
    for point in points:
        if point.measurement == measurement and field in point.fields and takes(point):
            at = point.time // each * each
            own = highest.setdefault(frozenset(point.tags.items()), {})
            own[at] = max(own.get(at, point.fields[field]), point.fields[field])
    groups: dict[tuple[str, ...], dict[float, float]] = {}
    for identity, values in highest.items():
        tags = dict(identity)
        gained = groups.setdefault(tuple(tags.get(tag, "") for tag in grouped.tags), {})
        for (_, before), (time, after) in pairwise(sorted(values.items())):
            if after >= before:
                gained[time] = gained.get(time, 0.0) + after - before
    return [
        _table(
            measurement,
            ["time", name],
            [[round(time * 1000), value] for time, value in sorted(gained.items())],
            dict(zip(grouped.tags, key, strict=True)),
        )
        for key, gained in sorted(groups.items())
        if gained
    ]


@dataclass(frozen=True, slots=True)
class _Grouped:
    takes: Callable[[Point], bool]
    step: float
    tags: tuple[str, ...]


def _split(rest: str) -> _Grouped:
    found = _GROUPED.match(rest)
    if found is None:
        raise Refused(f"error parsing query: found {rest[:40]}")
    tags = tuple(map(_plain, re.findall(_NAME, found["tags"])))
    return _Grouped(_condition(found["where"]), int(found["step"]) / 1000, tags)


def _condition(text: str) -> Callable[[Point], bool]:
    """Bounds of time and groups of `"tag" = 'value' OR …`, all of which must hold."""
    text = text.strip().removeprefix("WHERE ")
    low, high = float("-inf"), float("inf")
    if times := re.match(r"time >= (\d+)ms AND time < (\d+)ms(?: AND |$)", text):
        low, high = int(times[1]) / 1000, int(times[2]) / 1000
        text = text[times.end() :]
    pair = rf"{_NAME} = {_TEXT}"
    groups = []
    while text:
        group = re.match(rf"\(({pair}(?: OR {pair})*)\)(?: AND |$)", text)
        if group is None:
            raise Refused(f"error parsing query: found {text[:40]}")
        groups.append([(_plain(tag), _plain(value)) for tag, value in re.findall(pair, group[1])])
        text = text[group.end() :]
    return lambda point: (
        low <= point.time < high
        and all(any(point.tags.get(tag, "") == value for tag, value in group) for group in groups)
    )


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], quoted)
