"""The meter: what a run may spend on a model, and what it has spent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

__all__ = ["Allowance", "Meter", "Spent"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a run may spend at most: requests to the model, calls of tools for each sample, tokens, dollars, seconds, bytes of tool answers."""

    requests: int = 30
    calls: int = 60
    tokens: int = 300_000
    dollars: float = 2.0
    seconds: float = 300.0
    bytes: int = 2_000_000


class Spent(Exception):
    """The allowance is used up; the message says of what. Whoever runs the agent ends with what there is."""


class Meter:
    """Counts what is spent; shared by all samples of a run, and by threads.

    `clock` gives seconds. Dollars are None as soon as one request has no known price.
    """

    def __init__(
        self, allowance: Allowance | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.allowance = allowance or Allowance()
        self._clock = clock
        self._began = clock()
        self._lock = Lock()
        self.requests = 0
        self.calls = 0
        self.tokens_in = 0
        self.tokens_out = 0
        self.bytes = 0
        self.dollars: float | None = 0.0

    @property
    def seconds(self) -> float:
        return self._clock() - self._began

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.allowance.seconds - self.seconds)

    def before_request(self) -> None:
        """Counts a request that is about to be sent. Raises Spent when nothing may be sent any more."""
        with self._lock:
            self._check()
            if self.seconds >= self.allowance.seconds:
                raise Spent(f"{self.allowance.seconds:g} seconds")
            if self.requests >= self.allowance.requests:
                raise Spent(f"{self.allowance.requests} requests to the model")
            self.requests += 1

    def after_request(self, tokens_in: int, tokens_out: int, dollars: float | None) -> None:
        with self._lock:
            self.tokens_in += tokens_in
            self.tokens_out += tokens_out
            self.dollars = None if dollars is None or self.dollars is None else self.dollars + dollars

    def answered(self, size: int) -> None:
        """Counts a call of a tool, and the bytes of its answer."""
        with self._lock:
            self.calls += 1
            self.bytes += size

    def _check(self) -> None:
        most = self.allowance
        if self.tokens >= most.tokens:
            raise Spent(f"{most.tokens:,} tokens")
        if self.dollars is not None and self.dollars >= most.dollars:
            raise Spent(f"{most.dollars:g} dollars")
        if self.bytes >= most.bytes:
            raise Spent(f"{most.bytes:,} bytes of tool answers")
