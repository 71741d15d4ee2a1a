"""What a metric measures, told from its name, unit and labels.

The vocabulary is that of OpenTelemetry semantic conventions, Prometheus naming practice and the
metric names of the large clouds; nothing here knows a particular system.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

__all__ = ["SignalKind", "signal_kind", "statistic", "words"]


class SignalKind(StrEnum):
    """What a rise or a fall of the metric means."""

    LATENCY = "latency"
    ERRORS = "errors"
    AVAILABILITY = "availability"
    REQUESTS = "requests"
    SUCCESSES = "successes"
    SATURATION = "saturation"
    OTHER = "other"


_PARTS = re.compile(r"[pP]\d+|\d+[xX]{2}|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_ERRORS = frozenset(
    "error errors err errs fail failed fails failure failures exception exceptions panic panics fatal fatals "
    "timeout timeouts cancelled canceled throttle throttled throttles throttling rejected rejections reject "
    "drop dropped drops lost unhealthy crash crashes aborted abort denied 5xx 4xx refused retries retry "
    "restarts evicted expired invalid unavailable".split()
)
_LATENCY = frozenset("latency duration latencies elapsed rtt p50 p75 p90 p95 p99 p999 p100 ttfb wait".split())
_AVAILABILITY = frozenset("availability uptime apdex healthy up".split())
_SUCCESS = frozenset("success successes successful succeeded ok 2xx accepted delivered completed".split())
_SATURATION = frozenset(
    "cpu memory mem heap rss disk filesystem inode inodes swap queue depth backlog pool connections threads "
    "goroutines fds utilization utilisation usage used load lag age capacity gc iops saturation inflight "
    "pending buffer cores bytes pressure steal active concurrent concurrency busy waiting".split()
)
_REQUESTS = frozenset(
    "request requests rps qps tps invocations invocation calls call hits hit throughput messages message msgs "
    "operations ops queries transactions count sum total rate events records published received sent".split()
)
_BAD_OUTCOME = frozenset(["error", "failed", "failure", "fail", "false", "timeout", "rejected", "dropped"])
_GOOD_OUTCOME = frozenset(["ok", "success", "succeeded", "true", "accepted"])
_OUTCOME_LABELS = frozenset(["outcome", "result", "status", "success", "state", "verdict", "decision"])
_CODE_LABELS = frozenset(["code", "status_code", "http.status_code", "http.response.status_code", "status"])


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """The lower-case words of an identifier: `HTTPServerErrors_5xx` gives http, server, errors, 5xx."""
    return tuple(part.lower() for part in _PARTS.findall(name))


def signal_kind(name: str, unit: str = "", labels: Mapping[str, str] | None = None) -> SignalKind:
    """The kind of a metric. An outcome label (`status="error"`, `code="503"`) decides before the name."""
    kind = _kind_of_name(name, unit)
    if labels and kind in (SignalKind.REQUESTS, SignalKind.OTHER):
        return _outcome(labels) or kind
    return kind


def _outcome(labels: Mapping[str, str]) -> SignalKind | None:
    for label, value in labels.items():
        value = value.lower()
        if label in _CODE_LABELS and value.isdigit() and len(value) == 3:
            return SignalKind.ERRORS if value[0] in "45" else SignalKind.SUCCESSES
        if label in _OUTCOME_LABELS:
            if value in _BAD_OUTCOME:
                return SignalKind.ERRORS
            if value in _GOOD_OUTCOME:
                return SignalKind.SUCCESSES
    return None


@lru_cache(maxsize=65536)
def _kind_of_name(name: str, unit: str) -> SignalKind:
    found = frozenset(words(name))
    if found & _ERRORS:
        return SignalKind.ERRORS
    if found & _AVAILABILITY or (found & _SUCCESS and found & {"rate", "ratio", "percent", "pct"}):
        return SignalKind.AVAILABILITY
    if found & _SUCCESS:
        return SignalKind.SUCCESSES
    if found & _LATENCY or {"response", "time"} <= found or {"server", "time"} <= found:
        return SignalKind.LATENCY
    if found & _SATURATION:
        return SignalKind.SATURATION
    if found & _REQUESTS:
        return SignalKind.REQUESTS
    if unit in ("s", "ms", "us", "ns"):
        return SignalKind.LATENCY
    return SignalKind.OTHER


def statistic(name: str, labels: Mapping[str, str]) -> str:
    """Which statistic a latency series holds: `mean`, `p50`, `p90`, … or empty when it does not say."""
    stated = labels.get("statistic") or labels.get("stat") or labels.get("quantile") or ""
    if stated.lower() in ("average", "avg", "mean"):
        return "mean"
    if stated.lower().startswith("p"):
        return stated.lower()
    if stated.startswith("0."):
        return f"p{round(float(stated) * 100)}" if stated[2:].isdecimal() else ""
    found = words(name)
    percentile = next((word for word in found if word[0] == "p" and word[1:].isdigit()), "")
    return percentile or ("mean" if {"average", "avg", "mean"} & set(found) else "")
