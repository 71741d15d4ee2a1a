"""The messages of pydantic_ai as a dialogue that any chat template can write: one system text, then user and assistant in turn.

What tools answered is the user's turn, marked with the tool's name; calls are the assistant's, in the JSON that it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import (
    InstructionPart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextContent,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

from andon.llm.local.choice import Choice, call, compact

__all__ = ["Piece", "dialogue_of", "joined"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One contribution to the dialogue; `tool` names the tool whose answer it is."""

    role: Literal["system", "user", "assistant"]
    text: str
    tool: str = ""


def dialogue_of(
    messages: Sequence[ModelMessage], parameters: ModelRequestParameters, choice: Choice
) -> list[Piece]:
    """The dialogue so far, with what may be answered at the end of the system text. Raises UserError for what is not text."""
    system: list[str] = []
    pieces: list[Piece] = []
    for message in messages:
        if isinstance(message, ModelRequest):
            for part in message.parts:
                if isinstance(part, SystemPromptPart):
                    system.append(part.content)
                else:
                    pieces.append(_asked(part))
        else:
            pieces += _answered(message, choice)
    system += [_instructions(messages, parameters), choice.instructions()]
    return [Piece("system", "\n\n".join(filter(None, system))), *pieces]


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """The same with neighbours of one role put together, for many templates refuse two in a row."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].role == piece.role:
            found[-1] = Piece(piece.role, f"{found[-1].text}\n\n{piece.text}")
        elif piece.text:
            found.append(piece)
    return found


def _instructions(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> str:
    """What the agent is told; in a request without an agent the last message that has instructions counts."""
    if parameters.instruction_parts is not None:
        return InstructionPart.join(parameters.instruction_parts) or ""
    requests = [message for message in messages if isinstance(message, ModelRequest)]
    return next((message.instructions for message in reversed(requests) if message.instructions), "")


def _asked(part: Any) -> Piece:
    match part:
        case UserPromptPart():
            return Piece("user", _words(part))
        case ToolReturnPart():
            return Piece("user", f"Answer of {part.tool_name}:\n{part.model_response_str()}", part.tool_name)
    if hasattr(part, "model_response"):  # Both kinds of retry, of which one is on its way out.
        return Piece("user", part.model_response())
    raise UserError(f"the local model cannot be sent a {type(part).__name__}")


def _words(part: UserPromptPart) -> str:
    if isinstance(part.content, str):
        return part.content
    words = []
    for each in part.content:
        if not isinstance(each, str | TextContent):
            raise UserError(f"the local model reads text alone, not a {type(each).__name__}")
        words.append(each if isinstance(each, str) else each.content)
    return "\n".join(words)


def _answered(message: ModelResponse, choice: Choice) -> list[Piece]:
    pieces = []
    for part in message.parts:
        if isinstance(part, ToolCallPart):
            pieces.append(Piece("assistant", compact(call(part.tool_name, part.args_as_dict()))))
        elif isinstance(part, TextPart) and part.content:
            pieces.append(
                Piece(
                    "assistant",
                    compact({"text": part.content}) if choice.text and not choice.plain else part.content,
                )
            )
    return pieces
