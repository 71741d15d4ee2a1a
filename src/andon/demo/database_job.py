"""The reporting job of the subscription database: a client of its own that locks what it reads.

It is idle unless the condition `reporting` holds; its value is how many seconds one transaction takes.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from andon.demo.conditions import Conditions
from andon.demo.database_storage import Transactions
from andon.demo.emitter import INFO, Telemetry

__all__ = ["REPORTING", "ReportingJob"]

REPORTING = "reporting"
_LOOK_SECONDS = 0.5
_BETWEEN_SECONDS = (0.1, 0.5)


class ReportingJob(threading.Thread):
    """Transaction after transaction, with short pauses in which others come through."""

    def __init__(
        self, connect: Callable[[], Transactions], telemetry: Telemetry, conditions: Conditions
    ) -> None:
        super().__init__(name="reporting", daemon=True)
        self._connect = connect
        self._telemetry = telemetry
        self._conditions = conditions
        self._stopping = threading.Event()

    def run(self) -> None:
        while not (seconds := self._conditions.value(REPORTING)):
            if self._stopping.wait(_LOOK_SECONDS):
                return
        self._telemetry.log(INFO, "connection authorized: user=reporting_job database=subscriptions")
        session = self._connect()
        draw = random.Random("reporting")
        while not self._stopping.wait(draw.uniform(*_BETWEEN_SECONDS)):
            self._hold(session, draw.uniform(0.7, 1.4) * seconds)
        session.close()

    def stop(self) -> None:
        self._stopping.set()

    def _hold(self, session: Transactions, seconds: float) -> None:
        session.execute("LOCK TABLE subscriptions IN ACCESS EXCLUSIVE MODE")
        self._stopping.wait(seconds)
        session.execute("commit")
        line = f"duration: {seconds * 1000:.3f} ms  statement: CALL refresh_subscription_report()"
        self._telemetry.log(INFO, line)
