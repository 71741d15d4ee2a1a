"""auth-service: logs customers in and introspects their tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from andon.demo import clock
from andon.demo.control_client import FlagReader, fetch_secret
from andon.demo.emitter import WARN
from andon.demo.inventory import SIGNING_KEY
from andon.demo.log_volume import LogVolume
from andon.demo.population import population
from andon.demo.releases import BREAKING, has
from andon.demo.runtime import Runtime
from andon.demo.services.client import Upstream, UpstreamError
from andon.demo.services.server import RefusalError, Request, Route, ServiceServer

__all__ = ["BROKEN_RELEASE", "REALMS", "AuthService", "main"]

BROKEN_RELEASE = "2.8.0"
REALMS = "realm-accounts"
"""The flag under which accounts are found by the realm of a subject."""
_TOKEN_SECONDS = 300
_DUMP_BYTES = 250_000


class AuthService:
    """Tokens are signed with the newest key; those signed with the key before it stay valid."""

    def __init__(self, runtime: Runtime) -> None:
        self._keys = [key.encode() for key in fetch_secret(runtime, SIGNING_KEY)]
        self._telemetry = runtime.telemetry
        self._version = runtime.version
        self._flags = FlagReader(runtime)
        self._log = LogVolume(runtime, _DUMP_BYTES)
        self._customers = {c.subject: c for c in population(runtime.settings.seed, runtime.settings.affected)}
        self._subscriptions = Upstream(
            runtime.telemetry, "subscription-service", runtime.endpoint("subscription-service")
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
            "exp": clock.now() + _TOKEN_SECONDS,
            "plan": self._plan(customer.name),
        }
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
        return {"token": f"{payload}.{_signature(self._keys[0], payload)}"}

    def introspect(self, request: Request) -> dict[str, Any]:
        payload, _, signature = introspected_token(request.body, self._version).partition(".")
        if not any(hmac.compare_digest(signature, _signature(key, payload)) for key in self._keys):
            raise RefusalError(401, "token signature is not valid")
        claims = json.loads(base64.urlsafe_b64decode(payload))
        if claims["exp"] < clock.now():
            raise RefusalError(401, "token expired")
        self._log.dump("introspection")
        self._log.record("sessions.journal", {"sub": claims["sub"], "seen": clock.now()})
        by_realm = self._flags.on(REALMS)
        name = (
            _account_name_by_realm(claims["sub"]) if by_realm else account_name(claims["sub"], self._version)
        )
        return {"active": True, "customer": name, "plan": claims["plan"]}

    def _plan(self, customer: str) -> str:
        try:
            status, answer = self._subscriptions.call(
                "GET", f"/v1/subscriptions/{customer}", route="/v1/subscriptions/{customer}"
            )
        except UpstreamError as error:
            self._telemetry.log(WARN, f"plan claim left out of token: {error}")
            return "unknown"
        return str(answer["plan"]) if status < 400 else "unknown"


def account_name(subject: str, version: str) -> str:
    """The account that a token's subject stands for; a partner's name precedes it, `partner|name`."""
    if version == BROKEN_RELEASE:
        return _account_name_by_realm(subject)
    return subject.rpartition("|")[2]


def introspected_token(body: Mapping[str, Any], version: str) -> str:
    """The token that a caller asks about. Raises RefusalError where the body is not as this version has it."""
    name = "access_token" if has("auth-service", version, BREAKING) else "token"
    if name not in body:
        raise RefusalError(
            400, f"request validation failed: {name}: field required; unknown field: {', '.join(body)}"
        )
    return str(body[name])


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
    runtime.serve(ServiceServer(runtime, AuthService(runtime).routes(), runtime.certificate))
