"""A detector of anomalies in one series that sees the past only, at once or in pieces.

Each row is looked at from eleven views; its rarity is that of its rarest view, as a return period in rows.
An alarm is a row rarer than a bar; while an episode lasts, only a row ten times as rare raises another one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.analysis.anomalies.periods import find_period, out_of_season
from andon.analysis.anomalies.rarity import BLOCK, HISTORY, BlockMaxima
from andon.analysis.anomalies.views import CONTEXT, LENGTHS, NAMES, rareness, stretches, views

__all__ = ["BAR", "Detector", "Scores", "detect"]

Floats = NDArray[np.float64]

BAR = 3.5
"""Log10 of the return period in rows that raises an alarm: 3,200 rows, eleven days of five minutes."""
_EPISODE = 160
"""Rows for which an alarm stands: two and a half blocks, by when the past has taken in what raised it."""
_GOING_ON = 16
"""Rows within which what is above the bar is one rise or fall: as long as the longest mean grows into it."""
_RARER = 1.0
"""Orders of magnitude by which a row must exceed the standing alarm to raise another one."""
_FIRST = 4
"""Blocks after which the spread of the first rows is known and a period is looked for."""
_GROWN = 8
"""The period is looked for again when the past has grown by an eighth."""
_FLOOR = 1e-3
"""The part of the first rows' spread below which a stretch is flat: a thousandth, what three digits show."""
_ENORMOUS = 1e100
"""Values are clipped here so that their squares stay finite."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Rows (n,): `times` in Unix seconds, `rarity` as log10 of the return period in rows (NaN where the value is
    missing), `view` as the index in NAMES of what is rarest, `alarm` as raised at `bar`. `missing` counts values that are not finite.
    """

    times: Floats
    rarity: Floats
    view: NDArray[np.int8]
    alarm: NDArray[np.bool_]
    bar: float = BAR

    @property
    def missing(self) -> int:
        return int(np.isnan(self.rarity).sum())

    @property
    def score(self) -> Floats:
        """Between 0 and 1 (n,), 0.5 at the bar; 0 for a missing value and for a row whose alarm stands already."""
        rarity = np.where((self.rarity >= self.bar) & ~self.alarm, 0.0, np.nan_to_num(self.rarity))
        return rarity / (rarity + self.bar)

    def why(self, row: int) -> str:
        """The name of the view that is rarest at a row."""
        return NAMES[self.view[row]]


class Detector:
    """The state of one series: its last 5,120 finite rows, and what is known of them. `bar` is a log10 of rows."""

    def __init__(self, bar: float = BAR) -> None:
        self._bar = bar
        self._times: Floats = np.empty(0)
        self._values: Floats = np.empty(0)
        self._rare: Floats = np.zeros((2, CONTEXT))
        self._open = 0
        self._blocks, self._refresh = 0, _FIRST
        self._floor = 0.0
        self._period = 0.0
        self._past = {length: BlockMaxima(rows.stop - rows.start, length) for length, rows in LENGTHS.items()}
        self._season = BlockMaxima(1, 8)
        self._seen = 0
        self._alarmed_at, self._above, self._alarmed = -_EPISODE, -_GOING_ON, 0.0

    @property
    def period(self) -> float:
        """The season's period in seconds as the past shows it; 0 for none."""
        return self._period

    def update(self, times: Floats, values: Floats) -> Scores:
        """Scores of rows (n,) that follow those seen before, in order of time."""
        rarity = np.full(len(values), np.nan)
        view = np.zeros(len(values), dtype=np.int8)
        finite = np.flatnonzero(np.isfinite(values) & np.isfinite(times))
        clean = np.clip(values[finite], -_ENORMOUS, _ENORMOUS)
        done = 0
        while done < len(finite):
            count = min(BLOCK - self._open, len(finite) - done)
            rows = finite[done : done + count]
            rarity[rows], view[rows] = self._score(times[rows], clean[done : done + count])
            done += count
        return Scores(times, rarity, view, self._alarms(rarity), self._bar)

    def _score(self, times: Floats, values: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """Rarity and rarest view of the next rows (n,) of the open block, which is closed when it is full."""
        self._times = np.concatenate((self._times, times))
        self._values = np.concatenate((self._values, values))
        self._open += len(values)
        seen = self._views()
        rarity = np.concatenate(
            [self._past[length].rarity(seen[rows, -len(values) :]) for length, rows in LENGTHS.items()]
        )
        left = self._seasonal()
        rarity = np.concatenate((rarity, self._season.rarity(left[:, -len(values) :])))
        if self._open == BLOCK:
            self._close(seen, left)
        view = np.argmax(rarity, axis=0)
        return rarity[view, np.arange(len(values))], view

    def _views(self) -> Floats:
        """The views (10, open rows) of the open block."""
        need = self._open + CONTEXT
        context = self._values[-need:]
        if len(context) < need:
            context = np.concatenate((np.full(need - len(context), self._values[0]), context))
        plain = views(context, self._floor if self._floor else 1.0)
        past = self._values[: -self._open]
        if len(past):
            level = rareness(context[CONTEXT:], np.sort(past), 2)
            steps = rareness(plain[2], np.sort(np.abs(np.diff(past))), 1)
            rare = np.stack((level, steps))
        else:
            rare = np.zeros((2, self._open))
        self._rare = np.concatenate((self._rare[:, :CONTEXT], rare), axis=1)
        return np.concatenate((plain, stretches(self._rare)))

    def _seasonal(self) -> Floats:
        """What is out of season (1, open rows); 0 where no season is known."""
        if not self._period:
            return np.zeros((1, self._open))
        left = out_of_season(self._times, self._values, self._period, len(self._times) - self._open)
        return np.abs(np.nan_to_num(left))[None, :]

    def _close(self, seen: Floats, left: Floats) -> None:
        """Takes the full block into the past."""
        self._blocks += 1
        self._open = 0
        self._times, self._values = self._times[-HISTORY:], self._values[-HISTORY:]
        self._rare = self._rare[:, -CONTEXT:]
        for length, rows in LENGTHS.items():
            if length != 32 or self._floor:
                self._past[length].append(seen[rows])
        if self._blocks == _FIRST:
            low, high = np.percentile(self._values, (5, 95))
            self._floor = max(_FLOOR * float(high - low), 1e-12 * (1 + float(np.max(np.abs(self._values)))))
        if self._blocks < self._refresh:
            if self._period:
                self._season.append(left)
            return
        self._refresh += max(_FIRST, len(self._values) // BLOCK // _GROWN)
        self._period = find_period(self._times, self._values)
        if self._period:
            past = np.abs(out_of_season(self._times, self._values, self._period))
            self._season.restart(past[np.isfinite(past)][None, :])

    def _alarms(self, rarity: Floats) -> NDArray[np.bool_]:
        """Which rows (n,) raise an alarm."""
        alarm = np.zeros(len(rarity), dtype=bool)
        rows = self._seen + np.cumsum(np.isfinite(rarity))
        for row in np.flatnonzero(np.nan_to_num(rarity) >= self._bar):
            now, rare = int(rows[row]), float(rarity[row])
            going_on = now - self._above < _GOING_ON
            rarer = rare > self._alarmed + _RARER and not going_on
            if now - self._alarmed_at >= _EPISODE or rarer:
                alarm[row] = True
                self._alarmed_at, self._alarmed = now, rare
            elif going_on:
                self._alarmed = max(self._alarmed, rare)
            self._above = now
        self._seen = int(rows[-1]) if len(rows) else self._seen
        return alarm


def detect(times: Floats, values: Floats, bar: float = BAR) -> Scores:
    """Scores of a whole series (n,), in order of time; the score of a row depends on no later one."""
    return Detector(bar).update(times, values)
