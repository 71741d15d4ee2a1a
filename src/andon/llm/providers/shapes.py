"""What a whole answer of each API must look like before a client library reads it.

The libraries check little: what is of another kind than they expect ends in a TypeError far from here. Only what is
read of an answer is stated, and whatever else a server sends is let through.
"""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError
from pydantic.alias_generators import to_camel

from andon.llm.providers.address import Unreadable

__all__ = ["Anthropic", "Bedrock", "Google", "OpenAi", "Shape", "check"]


class Shape(BaseModel):
    """An object of an answer; what is not stated of it is let through."""

    model_config = ConfigDict(extra="ignore", alias_generator=None)


class _Camel(Shape):
    model_config = ConfigDict(alias_generator=to_camel)


class _AnthropicBlock(Shape):
    type: StrictStr
    text: StrictStr = ""
    id: StrictStr = ""
    name: StrictStr = ""
    input: dict[str, Any] = {}


class _AnthropicUsage(Shape):
    input_tokens: StrictInt
    output_tokens: StrictInt
    cache_read_input_tokens: StrictInt | None = None
    cache_creation_input_tokens: StrictInt | None = None


class Anthropic(Shape):
    """A message."""

    id: StrictStr
    model: StrictStr
    content: list[_AnthropicBlock]
    stop_reason: StrictStr | None
    usage: _AnthropicUsage


class _OpenAiFunction(Shape):
    name: StrictStr
    arguments: StrictStr


class _OpenAiCall(Shape):
    id: StrictStr | None = None
    function: _OpenAiFunction


class _OpenAiMessage(Shape):
    content: StrictStr | None = None
    refusal: StrictStr | None = None
    tool_calls: list[_OpenAiCall] | None = None


class _OpenAiChoice(Shape):
    message: _OpenAiMessage
    finish_reason: StrictStr | None = None


class _OpenAiUsage(Shape):
    prompt_tokens: StrictInt | None = None
    completion_tokens: StrictInt | None = None
    total_tokens: StrictInt | None = None


class OpenAi(Shape):
    """A chat completion; compatible servers leave out much of it."""

    choices: list[_OpenAiChoice] = Field(min_length=1)
    usage: _OpenAiUsage | None = None


class _BedrockUse(_Camel):
    tool_use_id: StrictStr
    name: StrictStr
    input: dict[str, Any]


class _BedrockBlock(_Camel):
    text: StrictStr = ""
    tool_use: _BedrockUse | None = None


class _BedrockMessage(Shape):
    content: list[_BedrockBlock]


class _BedrockOutput(Shape):
    message: _BedrockMessage


class _BedrockUsage(_Camel):
    input_tokens: StrictInt
    output_tokens: StrictInt
    cache_read_input_tokens: StrictInt = 0


class Bedrock(_Camel):
    """What Converse answers."""

    output: _BedrockOutput
    stop_reason: StrictStr
    usage: _BedrockUsage


class _GoogleCall(Shape):
    name: StrictStr
    args: dict[str, Any] | None = None


class _GooglePart(_Camel):
    text: StrictStr | None = None
    function_call: _GoogleCall | None = None


class _GoogleContent(Shape):
    parts: list[_GooglePart] | None = None


class _GoogleCandidate(_Camel):
    content: _GoogleContent | None = None
    finish_reason: StrictStr | None = None


class _GoogleFeedback(_Camel):
    block_reason: StrictStr | None = None


class _GoogleUsage(_Camel):
    prompt_token_count: StrictInt | None = None
    candidates_token_count: StrictInt | None = None
    cached_content_token_count: StrictInt | None = None


class Google(_Camel):
    """What generateContent answers; a prompt that was blocked has no candidates."""

    candidates: list[_GoogleCandidate] = []
    prompt_feedback: _GoogleFeedback | None = None
    usage_metadata: _GoogleUsage | None = None


def check(body: bytes, shape: type[Shape]) -> None:
    """Raises Unreadable for what is not JSON, or not of this shape; the answer itself is not quoted."""
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable("it is not JSON" if body.strip() else "it is empty") from None
    try:
        found = shape.model_validate(read)
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise Unreadable(f"it is JSON of another shape{f' ({place})' if place else ''}") from None
    if isinstance(found, Google) and not found.candidates and found.prompt_feedback is None:
        raise Unreadable("it is JSON of another shape (candidates)")
