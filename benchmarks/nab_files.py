"""The files of the Numenta Anomaly Benchmark that are here, and noise on which nothing happens."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.nab_scoring import Labelled

__all__ = ["File", "is_development", "noises", "read_files"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class File:
    """A labelled file with its times in Unix seconds and its values, both (rows,)."""

    labelled: Labelled
    times: Floats
    values: Floats


def is_development(name: str) -> bool:
    """Whether a file is of the half that the detector was developed on: by a hash of its name."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 0


def read_files(root: Path) -> list[File]:
    """The files under `data`, with the windows that `labels/combined_windows.json` gives them."""
    labels = json.loads((root / "labels" / "combined_windows.json").read_text(encoding="utf-8"))
    return [_read(path, labels) for path in sorted((root / "data").glob("*/*.csv"))]


def _read(path: Path, labels: dict[str, list[list[str]]]) -> File:
    name = f"{path.parent.name}/{path.name}"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    times = [_seconds(row[0]) for row in rows]
    first = {time: row for row, time in reversed(list(enumerate(times)))}
    windows = tuple((first[_seconds(start)], first[_seconds(end)]) for start, end in labels[name])
    return File(
        Labelled(name, len(rows), windows), np.array(times), np.array([float(row[1]) for row in rows])
    )


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def noises(rows: int, seed: int) -> Iterator[tuple[str, Floats]]:
    """Five kinds of noise (rows,) on which nothing happens."""
    chance = np.random.default_rng(seed)
    yield "white", chance.normal(100, 5, rows)
    wander = chance.normal(0, 1, rows)
    for row in range(1, rows):
        wander[row] += 0.9 * wander[row - 1]
    yield "autocorrelated", wander
    course = 40 * np.sin(2 * np.pi * np.arange(rows) / 288)
    yield "seasonal", 100 + course + chance.normal(0, 4, rows)
    yield "counts", chance.poisson(3, rows).astype(np.float64)
    yield "heavy-tailed", chance.standard_t(2.5, rows)
