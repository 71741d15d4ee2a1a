"""Records of one window counted by key as they come: counts in time, the first and last record, a fair sample.

What is kept does not grow with the records: each key has one row of counts and at most SAMPLE records, chosen by a
hash of their place in the stream, so that the choice is as good as chance and depends on the stream alone.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from andon.telemetry import Logs, Texts, Window

__all__ = ["Group", "Record", "RecordTally", "merge_groups", "places_of"]

SAMPLE: Final = 512
"""Records kept of a key: a share of them is known within 4 percentage points, a quantile likewise."""

MOST_HELD: Final = 50_000
"""Records kept in all; beyond that each key keeps half as many, and half again, as often as it takes."""

TEXT_CHARACTERS: Final = 4000
"""How much of a record's text is kept: more than a finding quotes, and JSON of usual length whole."""

Counts = NDArray[np.int64]

_ANY: Final = np.uint64((1 << 64) - 1)
"""The bound of a key that has room: every priority but this one lies below it."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record that is kept: its place in the stream, Unix seconds, text, and attributes."""

    index: int
    time: float
    body: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Group:
    """All records of a key: counts per bin (bins,), the highest severity, the first and last record, a sample.

    `sample` has minus a priority, the place and the record of those of the lowest priorities, the lowest first.
    """

    counts: Counts
    severity: int
    first: Record
    last: Record
    sample: list[tuple[int, int, Record]]

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    @property
    def records(self) -> list[Record]:
        """The sampled records in the order of the stream."""
        return [record for _, _, record in sorted(self.sample, key=lambda entry: entry[1])]


class RecordTally:
    """Groups of the records of a window, by key; `sample` is how many records each may keep by now."""

    def __init__(self, window: Window, bins: int = 1, sample: int = SAMPLE) -> None:
        self.window = window
        self.groups: dict[int, Group] = {}
        self._bins = bins
        self._width = window.seconds / bins or 1.0
        self.sample = sample
        self._held = 0

    def add(self, logs: Logs, keys: Counts, offset: int) -> None:
        """Counts a batch; `keys` int64 (n,) has one for each record, negative to leave it out; `offset` is the place
        of the batch in the stream. Batches come in ascending time."""
        low, high = np.searchsorted(logs.times, (self.window.start, self.window.end))
        places = np.flatnonzero(keys[low:high] >= 0) + low
        if not len(places):
            return
        order = places[np.argsort(keys[places], kind="stable")]
        ordered = keys[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
        bins = ((logs.times[order] - self.window.start) / self._width).astype(np.int64)
        rows = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
        cells = rows * self._bins + np.minimum(bins, self._bins - 1)
        counts = np.bincount(cells, minlength=len(starts) * self._bins).reshape(len(starts), self._bins)
        severities = np.maximum.reduceat(logs.severities[order], starts).tolist()
        priorities = _priorities(order + offset)
        names = ordered[starts].tolist()
        drawn = self._drawn(names, rows, priorities)
        while self.sample > 1 and self._would_hold(names, drawn) > MOST_HELD:
            self._halve()
            drawn = self._drawn(names, rows, priorities)
        firsts, lasts = order[starts].tolist(), order[np.append(starts[1:], len(order)) - 1].tolist()
        read = _records(
            logs, np.unique(np.concatenate([firsts, lasts, *(order[one] for one in drawn)])), offset
        )
        for row, key in enumerate(names):
            group = self.groups.get(key)
            last = read[lasts[row]]
            if group is None:
                group = Group(counts[row].copy(), severities[row], read[firsts[row]], last, [])
                self.groups[key] = group
            else:
                group.counts += counts[row]
                group.severity = max(group.severity, severities[row])
                group.last = last
            if len(drawn[row]):
                at = drawn[row]
                new = [read[place] for place in order[at].tolist()]
                self._keep(group, zip(priorities[at].tolist(), new, strict=True))

    def _drawn(self, names: Sequence[int], rows: Counts, priorities: NDArray[np.uint64]) -> list[Counts]:
        """For each key the records that it may keep, as indices into `rows` (which name each one's key) and `priorities`."""
        fresh = np.flatnonzero(priorities < np.array([self._bound(key) for key in names])[rows])
        bounds = np.searchsorted(rows[fresh], np.arange(len(names) + 1)).tolist()
        return [_lowest(fresh[low:high], priorities, self.sample) for low, high in pairwise(bounds)]

    def _bound(self, key: int) -> np.uint64:
        """The priority below which a record of the key is kept."""
        group = self.groups.get(key)
        full = group is not None and len(group.sample) >= self.sample
        return np.uint64(-group.sample[-1][0]) if group and full else _ANY

    def _keep(self, group: Group, records: Iterable[tuple[int, Record]]) -> None:
        self._held -= len(group.sample)
        both = [*group.sample, *((-priority, record.index, record) for priority, record in records)]
        group.sample = heapq.nlargest(self.sample, both)
        self._held += len(group.sample)

    def _would_hold(self, names: Sequence[int], drawn: Sequence[Counts]) -> int:
        """How many records would be kept in all with those that are drawn."""
        held = self._held
        for key, new in zip(names, drawn, strict=True):
            have = len(self.groups[key].sample) if key in self.groups else 0
            held += min(self.sample, have + len(new)) - have
        return held

    def _halve(self) -> None:
        self.sample //= 2
        for kept in self.groups.values():
            del kept.sample[self.sample :]
        self._held = sum(len(kept.sample) for kept in self.groups.values())


def _lowest(rows: Counts, priorities: NDArray[np.uint64], most: int) -> Counts:
    """Those of the rows with the lowest priorities."""
    return rows if len(rows) <= most else rows[np.argpartition(priorities[rows], most - 1)[:most]]


def merge_groups(groups: Iterable[Group], sample: int = SAMPLE) -> Group | None:
    """Groups of several keys as one, None for none."""
    found = list(groups)
    if not found:
        return None
    return Group(
        counts=np.sum([group.counts for group in found], axis=0),
        severity=max(group.severity for group in found),
        first=min((group.first for group in found), key=_moment),
        last=max((group.last for group in found), key=_moment),
        sample=heapq.nlargest(sample, (entry for group in found for entry in group.sample)),
    )


def _moment(record: Record) -> tuple[float, int]:
    return record.time, record.index


def _records(logs: Logs, places: Counts, offset: int) -> dict[int, Record]:
    """The records at these places (ascending) by place; texts are read many at a time."""
    bodies: Iterable[str]
    if isinstance(logs.bodies, Texts):
        bodies = logs.bodies.take(places)
    else:
        bodies = (logs.bodies[place] for place in places.tolist())
    times = logs.times[places].tolist()
    return {
        place: Record(
            place + offset, time, body[:TEXT_CHARACTERS], logs.attributes[place] if logs.attributes else {}
        )
        for place, time, body in zip(places.tolist(), times, bodies, strict=True)
    }


def _priorities(places: Counts) -> NDArray[np.uint64]:
    """A number for each place that is as good as random (splitmix64: Steele, Lea and Flood, OOPSLA 2014)."""
    z = places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed


def places_of(services: Sequence[str], known: dict[str, int]) -> NDArray[np.int64]:
    """The number of each service of a batch, new ones numbered on."""
    return np.array([known.setdefault(service, len(known)) for service in services], dtype=np.int64)
