"""Callers of the control plane: services at start, operators, and whoever breaks things."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from andon.demo.cloudtrail import Identity
from andon.demo.inventory import SERVICES, USAGE_PLANS, USUAL_RATE
from andon.demo.runtime import Runtime
from andon.demo.wire import call

__all__ = ["ControlPlane", "FlagReader", "ParameterReader", "UsagePlanReader", "fetch_secret"]

_FLAG_SECONDS = 5.0
_PARAMETER_SECONDS = 2.0


class ControlPlane:
    """The API of the control plane on a port of loopback."""

    def __init__(self, port: int) -> None:
        self._port = port

    def call(
        self, identity: Identity, account: str, source: str, name: str, parameters: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """The event id that CloudTrail gave the call, and the answer.

        `source` is the service's short name (`ec2`); a refused call answers `{"error": …}`. Raises OSError
        when the control plane cannot be reached.
        """
        headers = {"x-identity": json.dumps(asdict(identity)), "x-account": account}
        _, answer = call(self._port, "POST", f"/{source}/{name}", parameters, headers=headers)
        return str(answer["eventID"]), answer["response"]


def fetch_secret(runtime: Runtime, name: str) -> list[str]:
    """The values of a secret, newest first, as the service reads them when it starts."""
    service = SERVICES[runtime.name]
    identity = Identity(
        f"{service.name}-task", service.name, service.account_id, "10.0.12.7", "Boto3/1.40.55"
    )
    client = ControlPlane(runtime.port("control-plane"))
    _, answer = client.call(
        identity, service.account_id, "secretsmanager", "GetSecretValue", {"secretId": name}
    )
    return [str(value) for value in answer["versions"]]


class FlagReader:
    """Feature flags, polled every few seconds; a flag that cannot be read is off."""

    def __init__(self, runtime: Runtime) -> None:
        self._polled = _Polled(runtime.port("control-plane"), "/flags", _FLAG_SECONDS)

    def on(self, flag: str) -> bool:
        return bool(self._polled.values().get(flag))


class ParameterReader:
    """Parameters of the parameter store, polled every few seconds."""

    def __init__(self, runtime: Runtime) -> None:
        self._polled = _Polled(runtime.port("control-plane"), "/parameters", _PARAMETER_SECONDS)

    def value(self, name: str, default: str) -> str:
        """The default where nobody has set it, or where it cannot be read."""
        return str(self._polled.values().get(name, default))


class UsagePlanReader:
    """The rate limits of usage plans, polled every few seconds."""

    def __init__(self, runtime: Runtime) -> None:
        self._polled = _Polled(runtime.port("control-plane"), "/usage-plans", _PARAMETER_SECONDS)

    def rate(self, client: str) -> float:
        """Requests a second that a client may send; the first limit where it cannot be read."""
        return float(self._polled.values().get(USAGE_PLANS[client], USUAL_RATE))


class _Polled:
    """What the control plane answers under a path; nothing while it does not. Thread-safe."""

    def __init__(self, port: int, path: str, seconds: float) -> None:
        self._port = port
        self._path = path
        self._seconds = seconds
        self._lock = threading.Lock()
        self._read_at = -seconds
        self._values: Mapping[str, Any] = {}

    def values(self) -> Mapping[str, Any]:
        with self._lock:
            if time.monotonic() - self._read_at >= self._seconds:
                self._read_at = time.monotonic()
                try:
                    _, self._values = call(self._port, "GET", self._path, timeout=1)
                except OSError:
                    self._values = {}
            return self._values
