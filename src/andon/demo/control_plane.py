"""The control plane: an HTTP API that changes the estate for real and records each call in CloudTrail.

`POST /{service}/{EventName}` with request parameters as JSON, the caller in `x-identity`, the account in
`x-account`. Looking changes nothing, and who may only look is refused when they change.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from andon.demo.cloudtrail import Identity, Trail, record
from andon.demo.control_actions import ACTIONS, READ_ONLY_ROLES, Action, ApiError, State
from andon.demo.dns import ZoneServer
from andon.demo.runtime import Runtime
from andon.demo.wire import JsonHandler, JsonServer

__all__ = ["ControlPlaneServer", "main"]


class ControlPlaneServer(JsonServer):
    """Serialises the calls: a change is in force when its answer comes."""

    def __init__(self, port: int, state: State, trail: Trail) -> None:
        self.state = state
        self._trail = trail
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def invoke(
        self, source: str, name: str, identity: Identity, account: str, parameters: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """The event id and the answer, `{"error": code, "message": …}` for a refused call."""
        action = ACTIONS.get((source, name))
        read_only = action.read_only if action else True
        error: tuple[str, str] | None = None
        response: dict[str, Any] = {}
        try:
            response = self._permitted(action, identity, name)(self.state, parameters)
        except ApiError as refused:
            error = (refused.code, str(refused))
        entry = record(
            f"{source}.amazonaws.com", name, identity, account, parameters, response or None,
            read_only=read_only, error=error,
        )  # fmt: skip
        self._trail.append(entry)
        return entry["eventID"], {"error": error[0], "message": error[1]} if error else response

    def _permitted(
        self, action: Action | None, identity: Identity, name: str
    ) -> Callable[[State, Mapping[str, Any]], dict[str, Any]]:
        if action is None:
            raise ApiError("InvalidAction", f"{name} is not an action of this service")
        if identity.role in READ_ONLY_ROLES and not action.read_only:
            who = identity.user_identity()["arn"]
            raise ApiError(action.denied, f"User: {who} is not authorized to perform: {name}")

        def serialised(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
            with self._lock:
                return action.perform(state, parameters)

        return serialised


class _Handler(JsonHandler):
    server: ControlPlaneServer

    def respond(self) -> None:
        if self.path == "/flags":
            self.reply(200, self.server.state.flags)
            return
        if self.path == "/parameters":
            self.reply(200, self.server.state.parameters)
            return
        if self.path == "/usage-plans":
            self.reply(200, self.server.state.rates)
            return
        _, source, name = self.path.split("/")
        identity = Identity(**json.loads(self.headers["x-identity"]))
        parameters = json.loads(self.body())
        event, response = self.server.invoke(source, name, identity, self.headers["x-account"], parameters)
        self.reply(200, {"eventID": event, "response": response})


def main(runtime: Runtime) -> None:
    """Runs the control plane until it is told to stop."""
    trail = Trail(runtime.settings.trail)
    state = State(runtime.settings)
    zone = ZoneServer(runtime.port("dns"), state.zone.lookup)
    threading.Thread(target=zone.serve_forever, daemon=True).start()
    runtime.serve(ControlPlaneServer(runtime.port(runtime.name), state, trail))
    zone.shutdown()
    zone.server_close()
