"""What the name of a metric tells by convention: its unit, how much it matters, how its instances are summed up.

The conventions are those of Prometheus and OpenMetrics; Telegraf and most exporters keep them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["SUFFIX_UNITS", "plain_name", "rank", "telling", "unit_of"]

_RANKS: Sequence[tuple[re.Pattern[str], int]] = (
    (
        re.compile(
            r"error|fail|exception|timeout|reject|drop|throttl|retr|panic|abort|refus|unavailable|oom|restart"
        ),
        0,
    ),
    (re.compile(r"duration|latency|elapsed|response_time|wait"), 1),
    (re.compile(r"request|call|operation|message|event|record|transaction|publish|consum|quer"), 2),
    (re.compile(r"(^|_)up$|health|ready|available|alive"), 3),
    (
        re.compile(
            r"cpu|memory|queue|lag|depth|pool|connection|disk|filesystem|thread|pending|inflight|saturation|"
            r"utili[sz]ation|backlog|(^|_)gc_|heap|load"
        ),
        4,
    ),
)
SUFFIX_UNITS = {
    "_seconds": "s", "_milliseconds": "ms", "_ms": "ms", "_microseconds": "us", "_us": "us", "_nanoseconds": "ns",
    "_ns": "ns", "_bytes": "By", "_ratio": "1", "_percent": "%", "_celsius": "Cel", "_volts": "V", "_amperes": "A",
    "_joules": "J", "_watts": "W", "_grams": "g", "_meters": "m", "_hertz": "Hz", "_kib": "KiBy", "_mib": "MiBy",
    "_gib": "GiBy",
}  # fmt: skip
_HIGHEST = (
    "cpu",
    "memory",
    "queue",
    "lag",
    "depth",
    "age",
    "usage",
    "used",
    "utili",
    "saturation",
    "pending",
)
"""Parts of a gauge's name with which the worst instance says more than the average one."""
_LOWEST = ("available", "free", "remaining", "headroom")
"""Parts with which the instance that has least says most."""


def unit_of(name: str) -> str:
    """The UCUM unit in which a name ends by convention, else empty."""
    return next((unit for suffix, unit in SUFFIX_UNITS.items() if name.endswith(suffix)), "")


def rank(name: str) -> int:
    """How soon a metric is wanted, 0 first: errors, then latency, requests, availability, saturation, the rest."""
    return next((rank for pattern, rank in _RANKS if pattern.search(name.lower())), 5)


def telling(gauge: str) -> str:
    """Which aggregation over instances says the most of a gauge: `min`, `max` or `avg`."""
    name = gauge.lower()
    if any(part in name for part in _LOWEST):
        return "min"
    return "max" if any(part in name for part in _HIGHEST) else "avg"


def plain_name(counter: str) -> str:
    """A counter's name without its suffix: what comes is no total any more, but the increase per step."""
    for suffix in ("_total", "_count", "_sum", "_bucket"):
        if counter.endswith(suffix) and len(counter) > len(suffix):
            return counter.removesuffix(suffix)
    return counter
