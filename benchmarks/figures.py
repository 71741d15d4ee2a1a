"""Figures: what a benchmark measured, on how many cases, and how sure that makes it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["DATA", "ROOT", "Benchmark", "Figure", "Options", "Unmeasured", "say", "share", "wilson"]

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


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `n` cases, `interval` where it is a share, `goal` where we set ourselves one."""

    what: str
    value: str
    n: int
    interval: str = ""
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark's name, what it measures in a sentence, and how."""

    name: str
    about: str
    measure: Callable[[Options], Iterator[Figure]]
    arguments: str = ""
    by_default: bool = True
    headings: Sequence[str] = field(default=("Figure", "Value", "n", "95 % interval", "Goal"))


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927); (0, 1) for no cases."""
    if not n:
        return 0.0, 1.0
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def share(what: str, hits: int, n: int, goal: str = "") -> Figure:
    low, high = wilson(hits, n)
    return Figure(what, f"{hits / n:.2f} ({hits} of {n})", n, f"{low:.2f} to {high:.2f}", goal)


def say(text: str) -> None:
    """Progress and single cases go to stderr; figures go to RESULTS.md and stdout."""
    print(text, file=sys.stderr, flush=True)
