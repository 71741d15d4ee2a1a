"""Errors as the search API tells them."""

from __future__ import annotations

from typing import Any

from andon.testing.imitation import Told, json_told

__all__ = ["Failure", "parsing", "told"]


class Failure(Exception):
    """An error of the server: its type, the reason, the HTTP status."""

    def __init__(self, kind: str, reason: str, status: int = 400, *, phase: bool = False) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason
        self.status = status
        self.phase = phase
        """Whether it is found only on the shards, and then wrapped into `all shards failed`."""


def parsing(reason: str) -> Failure:
    """A query that the server cannot read."""
    return Failure("parsing_exception", reason)


def told(failure: Failure) -> Told:
    """The answer that carries the error."""
    cause = {"type": failure.kind, "reason": failure.reason}
    error: dict[str, Any] = {"root_cause": [cause], **cause}
    if failure.phase:
        error |= {
            "type": "search_phase_execution_exception",
            "reason": "all shards failed",
            "phase": "query",
            "grouped": True,
            "failed_shards": [{"shard": 0, "index": None, "reason": cause}],
        }
    return json_told({"error": error, "status": failure.status}, failure.status)
