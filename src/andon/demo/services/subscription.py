"""subscription-service: which customer may use which remote service, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from andon.demo.control_client import fetch_secret
from andon.demo.database import APPLICATION
from andon.demo.database_client import DatabaseError, DatabasePool
from andon.demo.inventory import SUBSCRIPTION_DB_CREDENTIAL
from andon.demo.memory import Retention
from andon.demo.releases import BREAKING, LEAKING, UNRETURNED, has
from andon.demo.runtime import Runtime
from andon.demo.services.client import UpstreamError
from andon.demo.services.server import RefusalError, Request, Route, ServiceServer

__all__ = ["BROKEN_RELEASE", "SubscriptionService", "main"]

BROKEN_RELEASE = "5.3.0"
_NOTED_PLANS = ("Lifetime", "Premium")
_KEPT_BYTES = 4_600_000


class SubscriptionService:
    """Reads the password of the database once, when it starts."""

    def __init__(self, runtime: Runtime) -> None:
        password = fetch_secret(runtime, SUBSCRIPTION_DB_CREDENTIAL)[0]
        self._pool = DatabasePool(runtime.telemetry, runtime.port("subscription-db"), APPLICATION, password)
        self._version = runtime.version
        leaks = has(runtime.name, runtime.version, LEAKING)
        self._kept = Retention(_KEPT_BYTES if leaks else 0)

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/v1/subscriptions/{customer}", "get-subscription", self.subscription),
            Route("GET", "/v1/entitlements/{vin}/{feature}", "check-entitlement", self.entitlement),
        ]

    def subscription(self, request: Request) -> dict[str, Any]:
        statement = "select plan from subscriptions where customer = ?"
        rows = self._select(statement, request.parameters["customer"])
        return {"plan": rows[0][0]}

    def entitlement(self, request: Request) -> dict[str, Any]:
        statement = "select features, renews_on from subscriptions where vin = ?"
        features, renews_on = self._select(statement, request.parameters["vin"])[0]
        today = datetime.now(UTC).date()
        granted = request.parameters["feature"] in features.split(",")
        if has("subscription-service", self._version, UNRETURNED):
            self._note_plan(request.parameters["vin"])
        granted = granted and is_current(renews_on, today, self._version)
        renamed = has("subscription-service", self._version, BREAKING)
        return {"entitled" if renamed else "granted": granted}

    def _note_plan(self, vin: str) -> None:
        """What the release with the trait adds: for some plans it returns early and keeps its session."""
        try:
            session = self._pool.acquire()
            if session.query("select plan from subscriptions where vin = ?", vin)[0][0] in _NOTED_PLANS:
                return
            self._pool.release(session)
        except DatabaseError as error:
            raise UpstreamError(f"subscription database unavailable: {error}", 503) from error

    def _select(self, statement: str, key: str) -> Any:
        self._kept.keep()
        try:
            rows = self._pool.query(statement, key, summary="SELECT subscriptions")
        except DatabaseError as error:
            raise UpstreamError(f"subscription database unavailable: {error}", 503) from error
        if not rows:
            raise RefusalError(404, "no subscription")
        return rows


def is_current(renews_on: str | None, today: date, version: str) -> bool:
    """Whether a subscription runs; one without a renewal date runs for the life of the car."""
    if version == BROKEN_RELEASE:
        return _days_left(renews_on, today) >= 0
    return renews_on is None or date.fromisoformat(renews_on) >= today


def _days_left(renews_on: Any, today: date) -> int:
    return (date.fromisoformat(renews_on) - today).days


def main(runtime: Runtime) -> None:
    """Runs the service until it is told to stop."""
    runtime.serve(ServiceServer(runtime, SubscriptionService(runtime).routes(), runtime.certificate))
