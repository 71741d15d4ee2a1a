"""Asking the search API, and what its errors mean.

Its errors are `{"error": {"type", "reason", "root_cause": [...]}, "status"}`; a few old ones are plain text.
"""

from __future__ import annotations

import re
from typing import Any

from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply, Wire
from andon.telemetry import Status

__all__ = ["STRANGE", "Refused", "ask"]

STRANGE = "answers, but not as this search API does"
_UNDERSTOOD = frozenset([400, 403, 404, 405])
_QUOTED = 300
_PRIVILEGES = re.compile(r"granted by the (\w+) privileges \[([^\]]+)\]")
_PERMISSION = re.compile(r"no permissions for \[([^\]]*)\]")


class Refused(Unanswered):
    """The server understood and said no: `code` is the HTTP status, `kinds` the types of error that it names."""

    def __init__(self, code: int, kinds: frozenset[str], message: str, *, status: Status, hint: str) -> None:
        super().__init__(message, status=status, hint=hint)
        self.code = code
        self.kinds = kinds


def ask(
    wire: Wire, method: str, path: str, *, json: Any = None, params: Any = (), fresh: bool = False
) -> tuple[dict[str, Any], Reply]:
    """The answer as an object, and the reply that it came in. Raises Refused, and Unanswered as the wire does."""
    reply = wire.send(method, path, params, json=json, fresh=fresh, accept=_UNDERSTOOD)
    if reply.status >= 400:
        raise _refused(wire, reply)
    content = reply.json()
    if not isinstance(content, dict):
        raise Unanswered(STRANGE)
    return content, reply


def _refused(wire: Wire, reply: Reply) -> Refused:
    kinds, reason = _reason(reply)
    reason = wire.session.vault.hide(reason)
    message = f"answered with {reply.status}: {reason}"
    status, hint = Status.FAILED, ""
    if reply.status == 403:
        message, status, hint = f"does not allow this (403): {reason}", Status.DENIED, _grant(reason)
    elif "index_not_found_exception" in kinds:
        hint = "is every index under scope.indices named right?"
    elif "max_result_window" in reason:
        hint = "lower `page` to this index's index.max_result_window"
    return Refused(reply.status, kinds, message, status=status, hint=hint)


def _reason(reply: Reply) -> tuple[frozenset[str], str]:
    """The types of error and the first reason; what cannot be read so is quoted."""
    try:
        content = reply.json()
    except Unanswered:
        content = None
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        text = " ".join(reply.body[: 4 * _QUOTED].decode("utf-8", "replace").split())
        return frozenset(), text[:_QUOTED]
    causes = error.get("root_cause")
    parts = (
        [error, *(part for part in causes if isinstance(part, dict))] if isinstance(causes, list) else [error]
    )
    kinds = frozenset(str(part.get("type", "")) for part in parts)
    return kinds, f"{parts[-1].get('type')}: {parts[-1].get('reason')}"[:_QUOTED]


def _grant(reason: str) -> str:
    """What to give to the role, in the server's own words."""
    if match := _PRIVILEGES.search(reason):
        return f"give the role the {match[1]} privilege {match[2].split(',')[0]} ({reason})"
    if match := _PERMISSION.search(reason):
        return f"give the role the permission {match[1]} ({reason})"
    return f"the server says: {reason}"
