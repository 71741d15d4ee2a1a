"""The InfluxQL that is sent: means and increases per step, grouped by tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from andon.connectors.metric_names import telling
from andon.telemetry import Window

__all__ = ["condition", "increases", "levels", "name", "series_of"]

_FUNCTIONS = {"avg": "mean", "max": "max", "min": "min"}


def name(identifier: str) -> str:
    """An identifier in quotes; nothing in it ends them."""
    return '"' + identifier.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def condition(
    window: Window | None, scope: Mapping[str, Sequence[str]], either: Mapping[str, Sequence[str]]
) -> str:
    """`WHERE` what is in the window and in scope and has one of the values under at least one tag of `either`."""
    parts = []
    if window is not None:
        parts.append(f"time >= {round(window.start * 1000)}ms AND time < {round(window.end * 1000)}ms")
    parts += [_any({tag: values}) for tag, values in scope.items()]
    if either:
        parts.append(_any(either))
    return f" WHERE {' AND '.join(parts)}" if parts else ""


def _any(values: Mapping[str, Sequence[str]]) -> str:
    return f"({' OR '.join(f'{name(tag)} = {_text(v)}' for tag, listed in values.items() for v in listed)})"


def levels(measurement: str, fields: Sequence[str], where: str, step: float, tags: Sequence[str]) -> str:
    """Fields that are levels: their mean in each step, or the extreme where that says more."""
    chosen = ", ".join(
        f"{_FUNCTIONS[telling(f'{measurement}_{field}')]}({name(field)}) AS {name(field)}" for field in fields
    )
    return _select(chosen, name(measurement), where + _grouped(step, tags))


def increases(measurement: str, field: str, where: str, step: float, tags: Sequence[str]) -> str:
    """A counter: what each series gained in each step, summed up; a step in which it was reset is left out."""
    gained = f'non_negative_difference(max({name(field)})) AS "gained"'
    inner = _select(gained, name(measurement), f"{where} GROUP BY time({_span(step)}), *")
    return _select(f'sum("gained") AS {name(field)}', f"({inner})", where + _grouped(step, tags))


def series_of(measurement: str, where: str, most: int) -> str:
    """The keys of at most so many series."""
    return f"SHOW SERIES FROM {name(measurement)}{where} LIMIT {most}"


def _select(columns: str, source: str, rest: str) -> str:
    return " ".join(("SELECT", columns, "FROM", source)) + rest


def _grouped(step: float, tags: Sequence[str]) -> str:
    return f" GROUP BY {', '.join((f'time({_span(step)})', *map(name, tags)))} fill(none)"


def _span(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"
