"""Numbers in code with their units, and what a number on a line governs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from andon.analysis.code_changes.lexemes import words

__all__ = ["Governs", "Quantity", "governed", "quantities", "share_changed"]


class Governs(StrEnum):
    """What a number limits or sets, told by the words beside it."""

    TIMEOUT = "timeout"
    RETRY = "retry"
    POOL = "pool"
    LIMIT = "limit"
    BATCH = "batch"
    CACHE = "cache"
    SAMPLING = "sampling"
    SCHEDULE = "schedule"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in base units: seconds for `time`, bytes for `size`, the bare number for `count`."""

    value: float
    unit: str
    text: str


_TIME = {
    "ns": 1e-9, "nanosecond": 1e-9, "nanos": 1e-9, "us": 1e-6, "µs": 1e-6, "micros": 1e-6, "microsecond": 1e-6,
    "ms": 1e-3, "milli": 1e-3, "millis": 1e-3, "millisecond": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0,
    "m": 60.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "d": 86400.0, "day": 86400.0,
}  # fmt: skip
_SIZE = {
    "b": 1.0, "byte": 1.0, "k": 1e3, "kb": 1e3, "ki": 2.0**10, "kib": 2.0**10, "mb": 1e6, "mi": 2.0**20,
    "mib": 2.0**20, "g": 1e9, "gb": 1e9, "gi": 2.0**30, "gib": 2.0**30, "t": 1e12, "tb": 1e12, "ti": 2.0**40,
}  # fmt: skip
_STORED = frozenset("xmx xms xss memory mem heap storage disk buffer size".split())
_NUMBER = re.compile(
    r"(?:(?<![\w.#$-])|(?<=Xmx)|(?<=Xms)|(?<=Xss))(-?\d[\d_]{0,24}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,3})?)"
    r"(?:([A-Za-zµ%]{1,6})\b|\s*\*\s*(?:[A-Za-z]{1,20}\.)?([A-Za-z]{3,12})\b)?"
)
_OF_UNIT = re.compile(
    r"(?:\b|[._]of|[._]from|TimeUnit\.)(nanos|micros|millis(?:econds)?|milliseconds|seconds?|minutes?|hours?|days?)\b",
    re.I,
)
_GOVERNS = (
    (Governs.RETRY, "retry retries attempt attempts backoff redelivery redeliveries receive"),
    (Governs.SAMPLING, "sample sampling sampler"),
    (Governs.TIMEOUT, "timeout timeouts deadline deadlines timelimit expiry lease grace patience budget"),
    (Governs.BATCH, "batch bulk chunk prefetch"),
    (Governs.SCHEDULE, "interval cron schedule period every ticker tick frequency delay"),
    (Governs.CACHE, "cache cached ttl memo evict eviction maxsize"),
    (
        Governs.POOL,
        (
            "pool pools conns connections connection threads thread workers worker replicas concurrency parallelism "
            "concurrent idle semaphore executors executor goroutines procs processes instances nodes shards partitions"
        ),
    ),
    (
        Governs.LIMIT,
        (
            "limit limits max maximum quota rate rps qps burst throttle capacity size length top take page memory cpu "
            "requests heap buffer queue bytes depth window xmx throughput units storage disk ulimit files"
        ),
    ),
)
_GOVERNING = {word: governs for governs, listed in reversed(_GOVERNS) for word in listed.split()}
_ORDER = {governs: rank for rank, (governs, _) in enumerate(_GOVERNS)}


def quantities(code: str) -> list[Quantity]:
    """The quantities on a line, in order; a unit named elsewhere on the line counts for all bare numbers."""
    named = _OF_UNIT.search(code)
    line_words = words(code)
    implied = named.group(1).lower().rstrip("s") if named else ""
    implied = implied or next(
        (w for w in line_words if w in ("ms", "millis", "sec", "secs", "seconds", "minutes")), ""
    )
    return [_quantity(match, implied, frozenset(line_words)) for match in _NUMBER.finditer(code)]


def _quantity(match: re.Match[str], implied: str, beside: frozenset[str]) -> Quantity:
    """`m` is minutes, thousandths beside `cpu`, and megabytes beside memory words."""
    number, suffix, factor = match.groups()
    value = float(number.replace("_", ""))
    unit = (suffix or factor or implied or "").lower()
    if suffix == "m" and "cpu" in beside:
        return Quantity(value / 1000, "count", match.group())
    if suffix == "M" or (suffix == "m" and beside & _STORED):
        return Quantity(value * 1e6, "size", match.group())
    for table, name in ((_TIME, "time"), (_SIZE, "size")):
        for spelling in (unit, unit.rstrip("s")):
            if spelling in table:
                return Quantity(value * table[spelling], name, match.group())
    return Quantity(value, "%" if unit == "%" else "count", match.group())


def governed(names: Iterable[str]) -> Governs:
    """What the words of the names say that a number governs; the most specific word wins."""
    found = [_GOVERNING[word] for word in names if word in _GOVERNING]
    return min(found, key=lambda governs: _ORDER[governs], default=Governs.OTHER)


def share_changed(before: float, after: float) -> float:
    """How much of a change lies between two values: 0 for none, 0.75 for half or double, towards 1 beyond.

    One minus the square of the smaller over the larger; a value that becomes or stops being zero,
    or changes sign, counts as 1.
    """
    if before == after:
        return 0.0
    if before * after <= 0:
        return 1.0
    small, large = sorted((abs(before), abs(after)))
    return 1.0 - (small / large) ** 2
