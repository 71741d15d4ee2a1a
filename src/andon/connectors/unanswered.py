"""The one exception between a wire and a connector: a request that got no usable answer, and why."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from andon.errors import AndonError, SourceError
from andon.telemetry import Status

__all__ = ["Unanswered", "broken"]

_QUOTED = 200
"""Characters of an error's own words that are quoted."""


class Unanswered(SourceError):
    """A request got no usable answer; `status` is `failed`, `denied` or `truncated`, never anything else.

    Connectors let it rise to `Reading.part`, which turns it into a problem of the result.
    """

    def __init__(self, message: str, *, status: Status = Status.FAILED, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


def broken(error: Exception, hide: Callable[[str], str]) -> Unanswered:
    """What a connector raised though it never should, told like a request that got no answer; `hide` removes secrets.

    An error that was raised on purpose says itself what to do; any other is a defect, told with its place.
    """
    if isinstance(error, AndonError):
        return Unanswered(hide(error.message), hint=error.hint)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    words = hide(f"{type(error).__name__}: {error}")[:_QUOTED]
    return Unanswered(f"its connector broke{place} ({words})", hint="this is a defect of the connector")
