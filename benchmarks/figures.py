"""Figures: what a benchmark measured, on how many cases, and how sure that makes it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from andon.evaluation import wilson

__all__ = [
    "DATA",
    "ROOT",
    "Benchmark",
    "Exhibit",
    "Figure",
    "Options",
    "Unmeasured",
    "say",
    "share",
    "wilson",
]

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"


class Unmeasured(Exception):
    """What a benchmark needs is not here; the message says what."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line settles: where data lie, and how much to run."""

    data: Path = DATA
    bundles: Path | None = None
    runs: int = 10
    sizes: tuple[float, ...] = (0.25, 0.5, 1.0)
    part: str = "unseen"
    jobs: int = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `n` cases, `interval` where it is a share, `goal` where we set ourselves one."""

    what: str
    value: str
    n: int
    interval: str = ""
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What figures were computed from, as plain JSON: kept in results.json, not shown in RESULTS.md."""

    name: str
    content: Sequence[Any] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark's name, what it measures in a sentence, and how."""

    name: str
    about: str
    measure: Callable[[Options], Iterator[Figure | Exhibit]]
    arguments: str = ""
    by_default: bool = True
    headings: Sequence[str] = field(default=("Figure", "Value", "n", "95 % interval", "Goal"))


def share(what: str, hits: int, n: int, goal: str = "") -> Figure:
    """A share of n cases (at least one) with its Wilson interval."""
    low, high = wilson(hits, n)
    return Figure(what, f"{hits / n:.2f} ({hits} of {n})", n, f"{low:.2f} to {high:.2f}", goal)


def say(text: str) -> None:
    """Progress and single cases go to stderr; figures go to RESULTS.md and stdout."""
    print(text, file=sys.stderr, flush=True)
