"""A small incident whose every number is known, as samples that a real server takes in.

Two instances of `checkout` (job `shop/checkout`, namespace `shop`) are scraped every 15 s, `OFFSET` seconds off the
full step. In the quiet hour each counts 30 requests of 0.1 s a scrape; in the incident requests take 0.9 s, 3 a
scrape fail with code 500 and the queue grows from 2 to 40. The first instance restarts at `RESTART`. Another tenant's service
(`payroll`, namespace `secret`) lies beside it, and a host.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from andon.telemetry import Window

__all__ = [
    "BASELINE",
    "INCIDENT",
    "INTERVAL",
    "OFFSET",
    "RESTART",
    "Sample",
    "openmetrics",
    "prometheus_text",
    "samples",
]

START = 1_781_863_200.0
INTERVAL = 15.0
OFFSET = 4.0
BASELINE = Window(START, START + 3600)
INCIDENT = Window(START + 3600, START + 4200)
RESTART = START + 1800.0
INSTANCES = ("10.0.0.1:8080", "10.0.0.2:8080")
_BOUNDS = ("0.05", "0.25", "1.0", "+Inf")


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: metric, labels, Unix seconds, value."""

    name: str
    labels: tuple[tuple[str, str], ...]
    time: float
    value: float


def samples(offset: float = OFFSET) -> list[Sample]:
    """All samples, those of one metric together and in ascending time."""
    found = [sample for instance in INSTANCES for sample in _checkout(instance, offset)]
    for step in range(280):
        time = START + offset + step * INTERVAL
        found.append(
            Sample("payslips_total", _labels("secret", "hr/payroll", "10.0.9.9:80"), time, 5.0 * step)
        )
        found.append(Sample("up", _labels("secret", "hr/payroll", "10.0.9.9:80"), time, 1.0))
        node = (("instance", "host-1:9100"), ("job", "node"), ("namespace", "shop"))
        found.append(
            Sample("node_memory_MemAvailable_bytes", node, time, 8e9 if time < INCIDENT.start else 1e9)
        )
        found.append(Sample("go_goroutines", _labels("shop", "shop/checkout", INSTANCES[0]), time, 12.0))
    return sorted(found, key=lambda sample: (sample.name, sample.time))


def _labels(namespace: str, job: str, instance: str, **more: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({"namespace": namespace, "job": job, "instance": instance, **more}.items()))


def _checkout(instance: str, offset: float) -> Iterator[Sample]:
    own = ("shop", "shop/checkout", instance)
    good = bad = total = 0.0
    fast = slow = 0.0
    for step in range(280):
        time = START + offset + step * INTERVAL
        broken = time >= INCIDENT.start
        if instance == INSTANCES[0] and RESTART <= time < RESTART + INTERVAL:
            good = bad = total = fast = slow = 0.0
        good += 27 if broken else 30
        bad += 3 if broken else 0
        total += 30 * (0.9 if broken else 0.1)
        fast, slow = (fast, slow + 30) if broken else (fast + 30, slow)
        yield Sample("http_requests_total", _labels(*own, code="200", method="POST"), time, good)
        if bad:
            yield Sample("http_requests_total", _labels(*own, code="500", method="POST"), time, bad)
        for bound, below in zip(_BOUNDS, (0.0, fast, fast + slow, fast + slow), strict=True):
            yield Sample("http_request_duration_seconds_bucket", _labels(*own, le=bound), time, below)
        yield Sample("http_request_duration_seconds_count", _labels(*own), time, fast + slow)
        yield Sample("http_request_duration_seconds_sum", _labels(*own), time, total)
        yield Sample("queue_depth", _labels(*own), time, 40.0 if broken and instance == INSTANCES[1] else 2.0)
        yield Sample("up", _labels(*own), time, 1.0)


def openmetrics(listed: list[Sample]) -> str:
    """As `promtool tsdb create-blocks-from openmetrics` reads it: families with a type, times in seconds."""
    lines, family = [], ""
    for sample in listed:
        base, kind = sample.name, "gauge"
        if base.endswith("_total"):
            base, kind = base.removesuffix("_total"), "counter"
        elif base.startswith("http_request_duration_seconds"):
            base, kind = "http_request_duration_seconds", "histogram"
        if base != family:
            family = base
            lines.append(f"# TYPE {base} {kind}")
        lines.append(f"{_series(sample)} {sample.value!r} {sample.time:.3f}")
    return "\n".join([*lines, "# EOF", ""])


def prometheus_text(listed: list[Sample]) -> str:
    """As VictoriaMetrics' /api/v1/import/prometheus reads it: times in milliseconds."""
    return "".join(f"{_series(sample)} {sample.value!r} {round(sample.time * 1000)}\n" for sample in listed)


def _series(sample: Sample) -> str:
    labels = ",".join(f'{name}="{value}"' for name, value in sample.labels)
    return f"{sample.name}{{{labels}}}"
