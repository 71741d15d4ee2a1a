"""What a log body says: its line of text, and the fields beside it where it is a JSON object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from andon.analysis.tokens import HEAD_CHARACTERS, head

__all__ = ["fields_of", "message_of", "messages"]

_MAX_JSON_CHARACTERS: Final = 65_536
"""Longer lines are not parsed as JSON: they are dumps, and parsing them is what an attacker would want."""
_MESSAGE_FIELDS: Final = ("message", "msg", "log", "event", "body", "text", "error")
_TRACEBACK: Final = "Traceback (most recent call last)"
_DELETE: Final = 127
"""The highest control character of ASCII."""


def messages(bodies: Sequence[str]) -> Sequence[str]:
    """`message_of` each body; of plain text, as most logs are, without a look at the single ones."""
    text = "\n".join(bodies)
    if not text.isascii() or text.startswith("{") or "\n{" in text:
        return [message_of(body) for body in bodies]
    data = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    unprintable = np.count_nonzero(data < ord(" ")) + np.count_nonzero(data == _DELETE)
    if not unprintable == text.count("\n") == max(len(bodies) - 1, 0):
        return [message_of(body) for body in bodies]
    return [body if len(body) <= HEAD_CHARACTERS else head(body) for body in bodies]


def message_of(body: str) -> str:
    """The line that says what happened: of a JSON object its message, of a traceback its last line."""
    if body.startswith("{"):
        return head(_json_message(body))
    if body.startswith(_TRACEBACK):
        return head(body[-4000:].rstrip().rpartition("\n")[2])
    return head(body)


def fields_of(body: str) -> Mapping[str, Any]:
    """The fields of a JSON object besides the message; none of any other body."""
    record = _json_object(body) if body.startswith("{") else {}
    message = _message_field(record)
    return {name: value for name, value in record.items() if name != message}


def _json_message(body: str) -> str:
    record = _json_object(body)
    name = _message_field(record)
    if name:
        return str(record[name])
    return "{" + ", ".join(sorted(record)) + "}" if record else body


def _json_object(body: str) -> dict[str, Any]:
    import orjson

    if len(body) > _MAX_JSON_CHARACTERS:
        return {}
    try:
        record: dict[str, Any] = orjson.loads(body)
    except ValueError:
        return {}
    return record


def _message_field(record: Mapping[str, Any]) -> str:
    for name in _MESSAGE_FIELDS:
        message = record.get(name)
        if isinstance(message, str) and message.strip():
            return name
    return ""
