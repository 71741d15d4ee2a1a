"""The one exception between a wire and a connector: a request that got no usable answer, and why."""

from __future__ import annotations

from andon.errors import SourceError
from andon.telemetry import Status

__all__ = ["Unanswered"]


class Unanswered(SourceError):
    """A request got no usable answer; `status` is `failed`, `denied` or `truncated`, never anything else.

    Connectors let it rise to `Reading.part`, which turns it into a problem of the result.
    """

    def __init__(self, message: str, *, status: Status = Status.FAILED, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
