"""How much there is to read, asked before anything is read.

`index/stats` costs the server next to nothing, but it is an estimate and knows nothing of the last minutes, which
only the ingesters hold. Counts by level make the server read the lines, so they are asked of a sample
where there are more bytes than the budget allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from andon.connectors.log_levels import LevelCounts
from andon.connectors.loki.api import LokiApi, TooMuch
from andon.connectors.loki.queries import counted, split, strata
from andon.connectors.reading import Reading
from andon.connectors.sampling import Sample, sample
from andon.telemetry import Window

__all__ = ["Amounts"]

_PROBES = 12
"""Parts in which a sample for counting is taken: enough to see a day's course, few enough to be quick."""
_USUAL_LINE = 300.0
"""Bytes of a line, where nobody says."""
_SHORTEST = 1.0
"""Seconds below which a window is not halved: a server that refuses that answers nothing."""
_WRAPPING = 80.0
"""Bytes that JSON, the time and the metadata of an entry add to its line, about."""

Group = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a selector holds in a window.

    `bytes` is what the server would read for all of it. `there` holds the number of records of each query of
    `queries` (see `strata`); exact unless `share`, the part that was counted, is below 1. `line` is the size of an
    entry in an answer, in bytes.
    """

    bytes: float
    queries: Mapping[str, str]
    there: Mapping[str, float]
    share: float
    line: float

    @property
    def severe(self) -> float:
        return self.there.get("severe", 0.0) + self.there.get("severe words", 0.0)

    @property
    def mild(self) -> float:
        return self.there.get("mild", 0.0) + self.there.get("mild words", 0.0)

    @classmethod
    def ask(
        cls, api: LokiApi, streams: str, window: Window, scanned: int, reading: Reading, place: str
    ) -> Amounts:
        """Asks for them; no more than about `scanned` bytes are read for the counts. Raises Unanswered."""
        bytes_, entries = 0.0, 0.0
        for part in split(window):
            stats, size = api.stats(streams, part)
            if stats is not None:
                reading.fetched(f"GET /loki/api/v1/index/stats {streams}", place=place, size=size)
                bytes_, entries = bytes_ + stats.bytes, entries + stats.entries
        probed = sample(window, bytes_, scanned // 2, _PROBES)
        counts, share = _levels(api, streams, probed, reading, place)
        queries = strata(streams, counts)
        there: dict[str, float] = {}
        if counts.unknown:
            there = _by_words(api, queries, counts, probed, reading, place)
        elif share == 1.0:
            queries = {name: query for name, query in queries.items() if name in ("severe", "mild")}
        there |= {"severe": sum(counts.severe.values()), "mild": sum(counts.mild.values())}
        line = (bytes_ / entries if entries else _USUAL_LINE) + _WRAPPING
        return cls(bytes_, queries, {name: there.get(name, 0.0) for name in queries}, share, line)


def _levels(
    api: LokiApi, streams: str, probed: Sample, reading: Reading, place: str
) -> tuple[LevelCounts, float]:
    groups = _groups(api, lambda part: counted(streams, part), probed, reading, place)
    return LevelCounts.of(groups).times(1.0 / probed.share), probed.share


def _by_words(
    api: LokiApi,
    queries: Mapping[str, str],
    counts: LevelCounts,
    probed: Sample,
    reading: Reading,
    place: str,
) -> dict[str, float]:
    """How many records without a level have words of trouble in them, and how many not."""
    query = queries["severe words"]
    groups = _groups(api, lambda part: counted(query, part, by=()), probed, reading, place)
    severe = sum(value for _, value in groups) / probed.share
    return {"severe words": severe, "mild words": max(0.0, counts.unknown - severe)}


def _groups(
    api: LokiApi, query_of: Callable[[Window], str], probed: Sample, reading: Reading, place: str
) -> list[Group]:
    """What the query finds in each window of the sample; windows that are too much at once are halved."""
    waiting = [part for window in probed.windows for part in split(window)]
    found: list[Group] = []
    while waiting:
        part = waiting.pop()
        query = query_of(part)
        try:
            groups, size = api.groups(query, part.end)
        except TooMuch:
            if part.seconds < 2 * _SHORTEST:
                raise
            middle = round((part.start + part.end) / 2, 3)
            waiting += [Window(part.start, middle), Window(middle, part.end)]
            continue
        reading.fetched(query, place=place, items=len(groups), size=size, share=probed.share)
        found += groups
    return found
