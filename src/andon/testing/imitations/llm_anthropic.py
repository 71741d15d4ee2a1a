"""Imitates Anthropic's Messages API: `POST /v1/messages`, whole and streamed.

Sources: its public reference for messages, errors, versions, tool use and streaming. Checked as there: a key in
`x-api-key` or `Authorization`, a known `anthropic-version` (the later one refuses sampling parameters), unknown
and required fields, names and schemas of tools, and that each `tool_use` is answered by a `tool_result` at the
start of the next message. Turns of one role in a row are joined, as the API does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from andon.testing.imitation import Asked, Told, json_told
from andon.testing.imitations.llm_server import (
    ModelServer,
    Refusal,
    Trouble,
    Turn,
    check_tools,
    events,
    pieces,
    request_of,
)

__all__ = ["AnthropicApi"]

_VERSIONS = ("2023-06-01", "2026-10-21")
_SAMPLING = ("temperature", "top_p", "top_k")
_FIELDS = (
    *("model", "messages", "max_tokens", "system", "tools", "tool_choice", "stop_sequences", "stream"),
    *("metadata", "thinking", "service_tier", "output_config", "cache_control", *_SAMPLING),
)
_BLOCKS = {
    "text": {"type", "text", "cache_control", "citations"},
    "tool_use": {"type", "id", "name", "input", "cache_control"},
    "tool_result": {"type", "tool_use_id", "content", "is_error", "cache_control"},
}
_KINDS = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error"}
_TOOL = {"name", "description", "input_schema", "type", "cache_control", "strict", "eager_input_streaming"}
_REQUEST = "req_011CSHoEeqs5C35K2UUqR7Fy"


class AnthropicApi(ModelServer):
    """Messages, as documented."""

    def check(self, asked: Asked) -> bool:
        given = asked.headers.get("x-api-key") or asked.headers.get("authorization", "").removeprefix(
            "Bearer "
        )
        if self.key and given != self.key:
            raise Refusal("invalid x-api-key" if given else "x-api-key header is required", 401)
        if asked.path != "/v1/messages":
            raise Refusal("Not Found", 404)
        version = asked.headers.get("anthropic-version", "")
        if version not in _VERSIONS:
            raise Refusal(
                f"anthropic-version: {version!r} is not a valid version"
                if version
                else "anthropic-version: header is required"
            )
        body = request_of(asked, _FIELDS, ("model", "messages", "max_tokens"))
        if self.models and body["model"] not in self.models:
            raise Refusal(f"model: {body['model']}", 404)
        if version != _VERSIONS[0] and (sent := [name for name in _SAMPLING if name in body]):
            raise Refusal(f"{sent[0]}: Extra inputs are not permitted")
        if not isinstance(body["max_tokens"], int) or body["max_tokens"] < 1:
            raise Refusal("max_tokens: Input should be greater than or equal to 1")
        if not 0 <= body.get("temperature", 1) <= 1:
            raise Refusal("temperature: range: 0..1")
        _check_tools(body)
        _check_messages(body["messages"])
        return bool(body.get("stream"))

    def body(self, turn: Turn) -> Mapping[str, Any]:
        calls = [
            {"type": "tool_use", "id": f"toolu_{call.id}", "name": call.name, "input": dict(call.arguments)}
            for call in turn.calls
        ]
        text = [{"type": "text", "text": turn.text}] if turn.text else []
        stop = "max_tokens" if turn.stop == "length" else "tool_use" if calls else "end_turn"
        return self._message([*text, *calls], stop, turn)

    def filtered(self) -> Mapping[str, Any]:
        return self._message([], "refusal", Turn(output=0))

    def _message(self, content: list[dict[str, Any]], stop: str, turn: Turn) -> dict[str, Any]:
        usage = {
            "input_tokens": turn.input - turn.cached,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": turn.cached,
            "output_tokens": turn.output,
            "service_tier": "standard",
        }
        return {
            "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
            "type": "message",
            "role": "assistant",
            "model": self.models[0] if self.models else "claude",
            "content": content,
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": usage,
        }

    def written(self, body: Mapping[str, Any], streams: bool) -> Told:
        if not streams:
            return json_told(body, headers={"request-id": _REQUEST})
        parts: list[dict[str, Any]] = [
            {"type": "message_start", "message": dict(body) | {"content": [], "stop_reason": None}},
            {"type": "ping"},
        ]
        for index, block in enumerate(body["content"]):
            parts += _block(index, block)
        stop = {"stop_reason": body["stop_reason"], "stop_sequence": None}
        usage = {"output_tokens": body["usage"]["output_tokens"]}
        parts += [{"type": "message_delta", "delta": stop, "usage": usage}, {"type": "message_stop"}]
        return events([(part["type"], part) for part in parts])

    def refusal(self, refusal: Refusal) -> Told:
        return _error(refusal.status, refusal.kind or _KINDS[refusal.status], refusal.message)

    def trouble(self, trouble: Trouble) -> Told:
        match trouble:
            case Trouble.KEY:
                return _error(401, "authentication_error", "invalid x-api-key")
            case Trouble.MODEL:
                return _error(404, "not_found_error", "model: claude-nothing")
            case Trouble.BUSY:
                said = "This request would exceed your organization's rate limit of 50 requests per minute."
                return _error(429, "rate_limit_error", said, {"retry-after": self.retry_after})
            case Trouble.QUOTA:
                return _error(
                    400, "invalid_request_error", "Your credit balance is too low to access the Claude API."
                )
            case Trouble.OVERLOADED:
                return _error(529, "overloaded_error", "Overloaded")
            case Trouble.TOO_LONG:
                return _error(
                    400, "invalid_request_error", "prompt is too long: 209000 tokens > 200000 maximum"
                )
            case _:
                return _error(500, "api_error", "Internal server error")


def _error(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Told:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": _REQUEST}
    return json_told(body, status, headers)


def _block(index: int, block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One block of content as a stream brings it."""
    if block["type"] == "text":
        empty: dict[str, Any] = {"type": "text", "text": ""}
        deltas = [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
    else:
        empty = dict(block) | {"input": {}}
        written = orjson.dumps(block["input"]).decode()
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *pieces(written)]]
    return [
        {"type": "content_block_start", "index": index, "content_block": empty},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def _check_tools(body: Mapping[str, Any]) -> None:
    tools, choice = body.get("tools", []), body.get("tool_choice", {"type": "auto"})
    for at, tool in enumerate(tools):
        if unknown := sorted(set(tool) - _TOOL):
            raise Refusal(f"tools.{at}.custom.{unknown[0]}: Extra inputs are not permitted")
    if choice.get("type") not in ("auto", "any", "tool", "none"):
        raise Refusal("tool_choice: Input tag does not match any of the expected tags")
    if "tool_choice" in body and not tools:
        raise Refusal("tool_choice: may only be specified while providing tools")
    pairs = [(tool.get("name"), tool.get("input_schema")) for tool in tools]
    check_tools(pairs, r"[a-zA-Z0-9_-]{1,128}", choice.get("name"))


def _check_messages(messages: Sequence[Mapping[str, Any]]) -> None:
    if not messages:
        raise Refusal("messages: at least one message is required")
    for at, message in enumerate(messages):
        if message.get("role") not in ("user", "assistant") or set(message) != {"role", "content"}:
            raise Refusal(f"messages.{at}: expected role and content")
        for block in _content(message):
            _check_block(f"messages.{at}.content", message["role"], block)
    turns = [
        (role, [block for message in group for block in _content(message)])
        for role, group in groupby(messages, key=lambda message: message["role"])
    ]
    if turns[0][0] != "user":
        raise Refusal("messages: first message must use the user role")
    asked: list[str] = []
    for at, (role, blocks) in enumerate(turns):
        if role == "user":
            _check_answers(at, asked, blocks)
        asked = [block["id"] for block in blocks if block["type"] == "tool_use"]
    if asked:
        raise Refusal(_unanswered(len(turns) - 1, asked))


def _content(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _check_block(place: str, role: str, block: Mapping[str, Any]) -> None:
    known = _BLOCKS.get(block.get("type", ""))
    if known is None or set(block) - known:
        raise Refusal(f"{place}: {block.get('type')}: Extra inputs are not permitted")
    if block["type"] == "text" and not block["text"].strip():
        raise Refusal(f"{place}: text content blocks must be non-empty")
    if (block["type"] == "tool_use") != (role == "assistant") and block["type"] != "text":
        raise Refusal(f"{place}: `{block['type']}` blocks are not allowed in {role} messages")
    if block["type"] == "tool_use" and not isinstance(block["input"], dict):
        raise Refusal(f"{place}: tool_use.input: Input should be a valid dictionary")
    if block["type"] == "tool_use" and not re.fullmatch(r"[a-zA-Z0-9_-]+", block["id"]):
        raise Refusal(f"{place}: tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")


def _check_answers(at: int, asked: Sequence[str], blocks: Sequence[Mapping[str, Any]]) -> None:
    """That a user's turn begins with the results of all calls before it, and of no others."""
    kinds = [block["type"] for block in blocks]
    answered = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    if stray := [one for one in answered if one not in asked]:
        raise Refusal(f"messages.{at}: unexpected `tool_use_id` found in `tool_result` blocks: {stray[0]}")
    if lacking := [one for one in asked if one not in answered]:
        raise Refusal(_unanswered(at - 1, lacking))
    if len(set(answered)) < len(answered) or kinds[: len(answered)] != ["tool_result"] * len(answered):
        raise Refusal(f"messages.{at}: `tool_result` blocks must come first, one for each `tool_use`")


def _unanswered(at: int, ids: Sequence[str]) -> str:
    return f"messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(ids)}"
