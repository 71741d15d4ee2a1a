"""auth-service: logs customers in and introspects their tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from andon.demo.control_client import fetch_secret
from andon.demo.emitter import WARN
from andon.demo.inventory import SIGNING_KEY
from andon.demo.population import population
from andon.demo.runtime import Runtime
from andon.demo.services.client import Upstream, UpstreamError
from andon.demo.services.server import RefusalError, Request, Route, ServiceServer

__all__ = ["BROKEN_RELEASE", "AuthService", "main"]

BROKEN_RELEASE = "2.8.0"
_TOKEN_SECONDS = 300


class AuthService:
    """Tokens are signed with the newest key; those signed with the key before it stay valid."""

    def __init__(self, runtime: Runtime) -> None:
        self._keys = [key.encode() for key in fetch_secret(runtime, SIGNING_KEY)]
        self._telemetry = runtime.telemetry
        self._version = runtime.version
        self._customers = {c.subject: c for c in population(runtime.settings.seed, runtime.settings.affected)}
        self._subscriptions = Upstream(
            runtime.telemetry, "subscription-service", runtime.port("subscription-service")
        )

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/v1/tokens", "login", self.login),
            Route("POST", "/v1/tokens/introspect", "introspect", self.introspect),
        ]

    def login(self, request: Request) -> dict[str, Any]:
        customer = self._customers.get(str(request.body.get("subject")))
        if customer is None:
            raise RefusalError(401, "unknown customer")
        claims = {
            "sub": customer.subject,
            "exp": time.time() + _TOKEN_SECONDS,
            "plan": self._plan(customer.name),
        }
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
        return {"token": f"{payload}.{_signature(self._keys[0], payload)}"}

    def introspect(self, request: Request) -> dict[str, Any]:
        payload, _, signature = str(request.body.get("token")).partition(".")
        if not any(hmac.compare_digest(signature, _signature(key, payload)) for key in self._keys):
            raise RefusalError(401, "token signature is not valid")
        claims = json.loads(base64.urlsafe_b64decode(payload))
        if claims["exp"] < time.time():
            raise RefusalError(401, "token expired")
        name = account_name(claims["sub"], self._version)
        return {"active": True, "customer": name, "plan": claims["plan"]}

    def _plan(self, customer: str) -> str:
        try:
            _, answer = self._subscriptions.call(
                "GET", f"/v1/subscriptions/{customer}", route="/v1/subscriptions/{customer}"
            )
        except UpstreamError as error:
            self._telemetry.log(WARN, f"plan claim left out of token: {error}")
            return "unknown"
        return str(answer["plan"])


def account_name(subject: str, version: str) -> str:
    """The account that a token's subject stands for; a partner's name precedes it, `partner|name`."""
    if version == BROKEN_RELEASE:
        return _account_name_by_realm(subject)
    return subject.rpartition("|")[2]


def _account_name_by_realm(subject: str) -> str:
    realms = {"": "internal", "employee": "workforce"}
    realm, _, name = subject.rpartition("|")
    if realms[realm] == "workforce":
        return f"employee:{name}"
    return name


def _signature(key: bytes, payload: str) -> str:
    return hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()


def main(runtime: Runtime) -> None:
    """Runs the service until it is told to stop."""
    runtime.serve(ServiceServer(runtime, AuthService(runtime).routes()))
