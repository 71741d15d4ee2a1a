"""Usage plans: how many requests a second each client of an API may send."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from andon.demo.inventory import USAGE_PLANS
from andon.demo.metering import Meter
from andon.demo.services.refusal import RefusalError

__all__ = ["CLIENT_HEADER", "UsagePlans"]

CLIENT_HEADER = "x-client-id"
_BURST_SECONDS = 2.0


@dataclass(slots=True)
class _Bucket:
    """Requests that may come at once; it fills at the rate of the plan, up to what comes in two seconds."""

    tokens: float
    filled: float


class UsagePlans:
    """`rate` is the limit of a plan now, in requests a second. Thread-safe."""

    def __init__(self, meter: Meter, rate: Callable[[str], float]) -> None:
        self._meter = meter
        self._rate = rate
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}
        for client in USAGE_PLANS:
            meter.count("usage_plan.requests.throttled", 0, client=client)

    def admit(self, headers: Mapping[str, str]) -> None:
        """Counts a request of the client in the headers. Raises RefusalError (429) above its limit."""
        client = headers.get(CLIENT_HEADER, "")
        if client not in USAGE_PLANS:
            return
        rate = self._rate(client)
        if not self._take(client, rate):
            self._meter.count("usage_plan.requests.throttled", client=client)
            raise RefusalError(
                429, f"Too Many Requests: {client} is above the {rate:g} requests/s of its usage plan"
            )

    def _take(self, client: str, rate: float) -> bool:
        most, now = max(rate * _BURST_SECONDS, 1.0), time.monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(client, _Bucket(most, now))
            bucket.tokens = min(bucket.tokens + (now - bucket.filled) * rate, most)
            bucket.filled = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True
