"""What was said, as JSON in the form of the conventions: `gen_ai.input.messages` and its siblings.

Source: OpenTelemetry semantic conventions for generative AI, the JSON schemas of input messages, output messages and
system instructions. Takes what the guard sends, so nothing is in it that the model did not see.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse

__all__ = ["as_text", "instructions", "received", "sent"]

_ROLES = {"system-prompt": "system", "tool-return": "tool"}
"""Roles of parts that are sent; all others are the user's."""


def sent(messages: Sequence[Mapping[str, Any]]) -> str:
    """Messages to a model, each part a message of its own role."""
    told = []
    for message in messages:
        if message.get("kind") == "response":
            told.append({"role": "assistant", "parts": [_part(part) for part in message["parts"]]})
        else:
            told += [{"role": _role(part), "parts": [_part(part)]} for part in message["parts"]]
    return as_text(told)


def instructions(messages: Sequence[Mapping[str, Any]]) -> str:
    """What the model was told beside the messages: that of the last one."""
    stated = [message["instructions"] for message in messages if message.get("instructions")]
    return as_text([{"type": "text", "content": text} for text in stated[-1:]])


def received(response: ModelResponse) -> str:
    """The answer of a model as it came."""
    from pydantic_ai.messages import ModelMessagesTypeAdapter

    (packed,) = ModelMessagesTypeAdapter.dump_python([response], mode="json")
    parts = [_part(part) for part in packed["parts"]]
    reason = response.finish_reason or "stop"
    return as_text([{"role": "assistant", "parts": parts, "finish_reason": reason}])


def as_text(value: Any) -> str:
    """A value as JSON; one that cannot be told so is named by its type."""
    return json.dumps(value, ensure_ascii=False, default=lambda other: type(other).__name__)


def _role(part: Mapping[str, Any]) -> str:
    return _ROLES.get(str(part.get("part_kind", "")), "user")


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    kind, content = str(part.get("part_kind", "")), part.get("content")
    if kind == "tool-call":
        called = {"id": part.get("tool_call_id"), "name": part.get("tool_name", "")}
        return {"type": "tool_call", **called, "arguments": _arguments(part.get("args"))}
    if kind == "tool-return":
        return {"type": "tool_call_response", "id": part.get("tool_call_id"), "response": content}
    if kind == "thinking":
        return {"type": "reasoning", "content": content or ""}
    if isinstance(content, str):
        return {"type": "text", "content": content}
    return {"type": kind or "unknown", "content": content}


def _arguments(args: Any) -> Any:
    """Arguments as an object where their text is one."""
    if not isinstance(args, str):
        return args
    try:
        return json.loads(args)
    except ValueError:
        return args
