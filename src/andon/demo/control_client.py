"""Callers of the control plane: services at start, operators, and whoever breaks things."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from andon.demo.cloudtrail import Identity
from andon.demo.inventory import SERVICES
from andon.demo.runtime import Runtime
from andon.demo.wire import call

__all__ = ["ControlPlane", "FlagReader", "fetch_secret"]

_FLAG_SECONDS = 5.0


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
        self._port = runtime.port("control-plane")
        self._lock = threading.Lock()
        self._read_at = -_FLAG_SECONDS
        self._flags: Mapping[str, bool] = {}

    def on(self, flag: str) -> bool:
        with self._lock:
            if time.monotonic() - self._read_at >= _FLAG_SECONDS:
                self._read_at = time.monotonic()
                try:
                    _, self._flags = call(self._port, "GET", "/flags", timeout=1)
                except OSError:
                    self._flags = {}
            return bool(self._flags.get(flag))
