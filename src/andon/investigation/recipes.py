"""Recipes: how a value in a claim is computed from the content of an observation.

Each is a pure function of plain JSON content and plain arguments, so that whoever holds the ledger
computes the same value. Styles say how a value is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from andon.analysis.calls import CallTally
from andon.analysis.node_masses import NodeMass
from andon.analysis.shares import account_calls, account_masses
from andon.telemetry import clock

__all__ = ["RECIPES", "STYLES", "compute", "write"]

_QUOTE = 240
"""Characters of a quote: three lines of a terminal."""


_CALLS = TypeAdapter(CallTally)
_MASSES = TypeAdapter(tuple[NodeMass, ...])


def field(content: Any, path: Sequence[str | int]) -> Any:
    """The value that stands at a path of keys and indices."""
    for step in path:
        content = content[step]
    return content


def share(content: Any, quantity: Any, symptom: Sequence[str], place: str) -> float:
    """The share of the symptom that a place adds, from compared calls."""
    tally = _CALLS.validate_python(content)
    return account_calls(tally, quantity, tuple(symptom)).shares.get(place, 0.0)


def mass_share(content: Any, symptom: Sequence[str], service: str) -> float:
    """The share of the symptom that a service adds, from metrics."""
    masses = _MASSES.validate_python(content["masses"])
    return account_masses(masses, content["callees"], tuple(symptom)).shares.get(service, 0.0)


def ratio(content: Any, part: Sequence[str | int], whole: Sequence[str | int]) -> float:
    """One field over another; zero when the other is."""
    total = float(field(content, whole))
    return float(field(content, part)) / total if total else 0.0


def length(content: Any, path: Sequence[str | int]) -> int:
    """How many entries the list at a path has."""
    return len(field(content, path))


def line(content: Any, path: Sequence[str | int], number: int) -> str:
    """One line, counted from 1, of the text at a path."""
    return str(field(content, path)).split("\n")[number - 1]


def mean(content: Any, start: float, end: float) -> float:
    """Mean of the finite points of a series with start <= time < end."""
    points = zip(content["times"], content["values"], strict=True)
    inside = [float(value) for time, value in points if value is not None and start <= time < end]
    return sum(inside) / len(inside)


RECIPES: Mapping[str, Callable[..., Any]] = {
    "field": field,
    "length": length,
    "line": line,
    "mass_share": mass_share,
    "mean": mean,
    "ratio": ratio,
    "share": share,
}


def compute(recipe: str, content: Any, args: Mapping[str, Any]) -> Any:
    """Applies a recipe. Raises KeyError, IndexError, TypeError or ValueError when content does not fit."""
    return RECIPES[recipe](content, **args)


def _number(value: Any) -> str:
    number = float(value)
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}"
    return f"{number:,.3g}" if abs(number) < 1000 else f"{number:,.0f}"


def _percent(value: Any) -> str:
    percent = 100 * float(value)
    return f"{percent:.0f} %" if percent >= 1 or percent == 0 else f"{percent:.1f} %"


def _duration(value: Any) -> str:
    seconds = float(value)
    if abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if abs(seconds) < 120 else f"{seconds / 60:.0f} min"


def _quote(value: Any) -> str:
    line = " ".join(str(value).split())
    return f"“{line if len(line) <= _QUOTE else line[:_QUOTE] + '…'}”"


STYLES: Mapping[str, Callable[[Any], str]] = {
    "clock": lambda value: clock(float(value)),
    "count": lambda value: f"{int(value):,}",
    "duration": _duration,
    "names": ", ".join,
    "number": _number,
    "percent": _percent,
    "quote": _quote,
    "text": str,
}


def write(style: str, value: Any) -> str:
    """A value as it stands in the sentence."""
    return STYLES[style](value)
