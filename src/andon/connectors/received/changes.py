"""Changes that are pushed by a webhook: what one looks like, and the event that it becomes."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from andon.connectors.received.moments import Moments
from andon.connectors.received.undecodable import Undecodable
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["PushedChange", "changes_kept", "check_changes"]

_YEAR_2200 = 7_258_118_400.0


def _seconds(value: Any) -> Any:
    """Unix seconds of a number, or of RFC 3339 text with a zone."""
    if not isinstance(value, str):
        return value
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("neither Unix seconds nor RFC 3339, 2026-06-19T10:25:00Z") from None
    if time.tzinfo is None:
        raise ValueError("lacks a zone; write 2026-06-19T10:25:00Z")
    return time.timestamp()


class PushedChange(BaseModel):
    """One change as a webhook states it.

    `time` is Unix seconds or RFC 3339 with a zone, by default when it arrived; `id` is by default made of
    all the rest, so that a change that is sent twice is one. The other fields are those of a change event.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    time: Annotated[float, BeforeValidator(_seconds), Field(gt=0, lt=_YEAR_2200)]
    kind: ChangeKind
    action: str = Field(min_length=1)
    target: str = Field(min_length=1)
    actor: str = ""
    summary: str = ""
    id: str = ""
    origin: str = ""
    resources: tuple[str, ...] = ()
    parameters: dict[str, Any] = {}
    read_only: bool = False
    error: str = ""
    commit: str = ""
    files: tuple[str, ...] = ()
    diff: str = ""


_CHANGES = TypeAdapter(list[PushedChange])


def check_changes(body: bytes, received: float, moments: Moments) -> bytes:
    """The changes of a body, which is one or a list, as they are kept. Raises Undecodable; then none is taken."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Undecodable(f"not valid JSON: {error.msg}") from None
    listed = told if isinstance(told, list) else [told]
    listed = [{"time": received} | one if isinstance(one, dict) else one for one in listed]
    try:
        changes = [_named(change) for change in _CHANGES.validate_python(listed)]
        kept = orjson.dumps([change.model_dump(mode="json") for change in changes])
    except ValidationError as error:
        raise Undecodable(_first(error, alone=not isinstance(told, list))) from None
    except (TypeError, ValueError, RecursionError):
        raise Undecodable("nested too deeply, or with numbers that JSON has not") from None
    moments.settle(changes, [change.time for change in changes])
    return kept


def changes_kept(plain: bytes) -> list[ChangeEvent]:
    """The change events of what `check_changes` gave. Raises Undecodable for anything else."""
    try:
        return [_event(change) for change in _CHANGES.validate_json(plain)]
    except ValidationError as error:
        raise Undecodable("holds no changes") from error


def _event(change: PushedChange) -> ChangeEvent:
    """With a summary where the sender wrote none."""
    fields = change.model_dump()
    if not change.summary:
        fields["summary"] = f"{change.action} on {change.target} by {change.actor or 'unknown'}"
    return ChangeEvent(**fields)


def _named(change: PushedChange) -> PushedChange:
    if change.id:
        return change
    text = hashlib.blake2b(change.model_dump_json().encode(), digest_size=8).hexdigest()
    return change.model_copy(update={"id": text})


def _first(error: ValidationError, *, alone: bool) -> str:
    """The first mistake and its place; what was written is not repeated."""
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"][1 if alone else 0 :])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place or 'change'}: {first['msg'].removeprefix('Value error, ')}{more}"
