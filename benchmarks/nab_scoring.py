"""The scoring of the Numenta Anomaly Benchmark, written from its published rules (arXiv 1510.03336, and the documented scoring of version 1.1).

In a labelled window only the earliest alarm counts, the more the earlier it is: a sigmoid over the place in the window, so scaled that its first
row gives `tp`. A window without an alarm costs `fn`. An alarm outside of windows costs `fp`, less just after a window. The first 15 % of a
file's rows, at most 750, are not scored. One threshold serves all files: the one with the best sum over them. Sums are expressed between the
detector that never alarms (0) and the one that alarms at each window's first row only (100).

What was checked against the benchmark's published results (tests/measured): what an alarm is worth at single rows of a file with two
windows, to 1e-12; the normalised scores of the published totals of three detectors and three profiles, to 1e-3; and, of a published
detector written anew, the score of each of the 21 files here that its window holds whole, to 1e-5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PROFILES", "Labelled", "Profile", "Sweep", "file_score", "normalised", "optimise", "row_scores"]

Floats = NDArray[np.float64]

PROBATION, PROBATION_ROWS = 0.15, 5000
"""Share of a file that is a detector's to learn from, and the most rows that the share is taken of."""
_STEEP = 5.0
_FAR = 3.0
"""Window lengths behind a window at which a false alarm costs all it can."""
_PROBATION, _OUTSIDE = -2, -1


@dataclass(frozen=True, slots=True)
class Profile:
    """What a detection earns and what a false alarm and a miss cost."""

    name: str
    tp: float
    fp: float
    fn: float


PROFILES = (
    Profile("standard", 1.0, 0.11, 1.0),
    Profile("reward low FP", 1.0, 0.22, 1.0),
    Profile("reward low FN", 1.0, 0.11, 2.0),
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A file of `rows` rows; `windows` are first and last rows of its labelled windows, in order of time."""

    name: str
    rows: int
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        """How many rows at the start are not scored."""
        return int(min(np.floor(PROBATION * self.rows), PROBATION * PROBATION_ROWS))


@dataclass(frozen=True, slots=True)
class Sweep:
    """The best threshold, the sum of scores there, and the score of each file by name."""

    threshold: float
    total: float
    files: dict[str, float]


def _sigmoid(place: Floats) -> Floats:
    """1 well before a window's end, 0 at its end, -1 well after it."""
    scaled: Floats = 2 / (1 + np.exp(_STEEP * np.minimum(place, _FAR))) - 1
    scaled[place >= _FAR] = -1.0
    return scaled


def row_scores(file: Labelled, profile: Profile) -> tuple[Floats, NDArray[np.int64]]:
    """What an alarm at each row is worth, and the window that it lies in (-1 outside, -2 in probation); both (rows,)."""
    rows = np.arange(file.rows, dtype=np.float64)
    worth = np.full(file.rows, -profile.fp)
    inside = np.full(file.rows, _OUTSIDE)
    earliest = float(_sigmoid(np.array([-1.0]))[0])
    for number, (first, last) in enumerate(file.windows):
        length = last - first + 1
        behind = (rows[last + 1 :] - last) / max(length - 1, 1)
        worth[last + 1 :] = profile.fp * _sigmoid(behind)
        places = -(last - rows[first : last + 1] + 1) / length
        worth[first : last + 1] = profile.tp * _sigmoid(places) / earliest
        inside[first : last + 1] = number
    inside[: file.probation] = _PROBATION
    return worth, inside


def file_score(file: Labelled, alarms: NDArray[np.bool_], profile: Profile) -> float:
    """The score of a file for alarms (rows,)."""
    worth, inside = row_scores(file, profile)
    score = float(worth[alarms & (inside == _OUTSIDE)].sum())
    for number in range(len(file.windows)):
        rows = inside == number
        if rows.any():
            hits = worth[rows & alarms]
            score += max(float(hits.max()), -profile.fn) if len(hits) else -profile.fn
    return score


def optimise(files: Sequence[tuple[Labelled, Floats]], profile: Profile) -> Sweep:
    """The threshold that serves all files best: an alarm is a row whose score reaches it. Scores (rows,) lie in [0, 1]."""
    scores, gains = zip(*(_gains(file, values, profile) for file, values in files), strict=True)
    flat, gain = np.concatenate(scores), np.concatenate(gains)
    order = np.argsort(-flat, kind="stable")
    flat, sums = flat[order], np.cumsum(gain[order])
    last = (
        np.flatnonzero(np.append(flat[1:] != flat[:-1], True)) if len(flat) else np.array([], dtype=np.int64)
    )
    best = int(last[np.argmax(sums[last])]) if len(last) else -1
    threshold = float(flat[best]) if best >= 0 and sums[best] > 0 else float(np.nextafter(1.0, 2.0))
    each = {file.name: file_score(file, values >= threshold, profile) for file, values in files}
    return Sweep(threshold, sum(each.values()), each)


def _gains(file: Labelled, values: Floats, profile: Profile) -> tuple[Floats, Floats]:
    """Scores of the rows that count, and what lowering the threshold to each adds to the file's score."""
    worth, inside = row_scores(file, profile)
    gain = np.where(inside == _OUTSIDE, worth, 0.0)
    for number in range(len(file.windows)):
        rows = np.flatnonzero(inside == number)
        order = rows[np.argsort(-values[rows], kind="stable")]
        best = np.maximum.accumulate(np.concatenate(([-profile.fn], worth[order])))
        gain[order] = np.diff(best)
    counted = inside != _PROBATION
    return values[counted], gain[counted]


def normalised(total: float, files: Iterable[Labelled], profile: Profile) -> float:
    """A sum of scores between the detector that never alarms (0) and the perfect one (100)."""
    windows = sum(len(file.windows) for file in files)
    return 100 * (total + profile.fn * windows) / ((profile.tp + profile.fn) * windows)
