"""Imitates OpenAI's chat completions API, `POST /v1/chat/completions`, whole and streamed.

Sources: its public reference for chat completions, errors, function calling and structured outputs. Checked as
there: the bearer key (with no `key`, as compatible servers have it, a request that carries one is refused, so that
tests see a key that leaks), unknown and required fields, roles, names and schemas of functions (also what `strict`
asks of them), and that each of an assistant's `tool_calls` is answered by a tool message right after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

__all__ = ["OpenAiApi"]

_FIELDS = (
    *("model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream", "stream_options", "user"),
    *(
        "temperature",
        "top_p",
        "max_tokens",
        "max_completion_tokens",
        "stop",
        "seed",
        "n",
        "logprobs",
        "metadata",
    ),
    *(
        "response_format",
        "reasoning_effort",
        "presence_penalty",
        "frequency_penalty",
        "service_tier",
        "store",
    ),
)
_ROLES = {
    "system": {"role", "content", "name"},
    "developer": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "tool_calls", "refusal", "name", "audio"},
    "tool": {"role", "content", "tool_call_id"},
}


class OpenAiApi(ModelServer):
    """Chat completions, as documented."""

    def check(self, asked: Asked) -> bool:
        given = asked.headers.get("authorization", "")
        if given != (f"Bearer {self.key}" if self.key else ""):
            raise Refusal(f"Incorrect API key provided: {given[7:]}.", 401, "invalid_api_key")
        if asked.path != "/v1/chat/completions":
            raise Refusal(f"Invalid URL ({asked.method} {asked.path})", 404, "unknown_url")
        body = request_of(asked, _FIELDS, ("model", "messages"))
        if self.models and body["model"] not in self.models:
            raise Refusal(f"The model `{body['model']}` does not exist", 404, "model_not_found")
        if not 0 <= body.get("temperature", 1) <= 2:
            raise Refusal("Invalid 'temperature': expected a value between 0 and 2")
        if "stream_options" in body and not body.get("stream"):
            raise Refusal("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
        _check_tools(body)
        _check_messages(body["messages"])
        return bool(body.get("stream"))

    def body(self, turn: Turn) -> Mapping[str, Any]:
        calls = [
            {
                "id": f"call_{call.id}",
                "type": "function",
                "function": {"name": call.name, "arguments": orjson.dumps(dict(call.arguments)).decode()},
            }
            for call in turn.calls
        ]
        message: dict[str, Any] = {"role": "assistant", "content": turn.text or None, "refusal": None}
        message |= {"tool_calls": calls} if calls else {}
        stop = "length" if turn.stop == "length" else "tool_calls" if calls else "stop"
        return self._completion(message, stop, turn)

    def filtered(self) -> Mapping[str, Any]:
        return self._completion(
            {"role": "assistant", "content": None, "refusal": None}, "content_filter", Turn(output=0)
        )

    def _completion(self, message: dict[str, Any], stop: str, turn: Turn) -> dict[str, Any]:
        return {
            "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
            "object": "chat.completion",
            "created": 1_741_569_952,
            "model": self.models[0] if self.models else "model",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": stop}],
            "usage": {
                "prompt_tokens": turn.input,
                "completion_tokens": turn.output,
                "total_tokens": turn.input + turn.output,
                "prompt_tokens_details": {"cached_tokens": turn.cached, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "default",
            "system_fingerprint": "fp_44709d6fcb",
        }

    def written(self, body: Mapping[str, Any], streams: bool) -> Told:
        if not streams:
            return json_told(body)
        choice = body["choices"][0]
        base = {key: body[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
        chunks: list[dict[str, Any]] = [
            base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
            for delta in _deltas(choice["message"])
        ]
        chunks.append(
            base | {"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]}
        )
        chunks.append(base | {"choices": [], "usage": body["usage"]})
        return events([*(("", chunk) for chunk in chunks), ("", "[DONE]")])

    def refusal(self, refusal: Refusal) -> Told:
        return _error(refusal.status, "invalid_request_error", refusal.message, refusal.kind or None)

    def trouble(self, trouble: Trouble) -> Told:
        match trouble:
            case Trouble.KEY:
                return _error(
                    401, "invalid_request_error", "Incorrect API key provided: sk-…3F.", "invalid_api_key"
                )
            case Trouble.MODEL:
                return _error(
                    404, "invalid_request_error", "The model `nothing` does not exist", "model_not_found"
                )
            case Trouble.BUSY:
                after = {"retry-after": self.retry_after, "x-ratelimit-remaining-requests": "0"}
                return _error(
                    429, "requests", "Rate limit reached for requests", "rate_limit_exceeded", after
                )
            case Trouble.QUOTA:
                return _error(
                    429, "insufficient_quota", "You exceeded your current quota", "insufficient_quota"
                )
            case Trouble.OVERLOADED:
                return _error(
                    503, "server_error", "The engine is currently overloaded, please try again later"
                )
            case Trouble.TOO_LONG:
                said = "This model's maximum context length is 128000 tokens, your messages have 131072."
                return _error(400, "invalid_request_error", said, "context_length_exceeded")
            case _:
                return _error(500, "server_error", "The server had an error while processing your request")


def _error(
    status: int, kind: str, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Told:
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return json_told(body, status, headers)


def _deltas(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A message as a stream brings it."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in pieces(message["content"] or "")]
    for index, call in enumerate(message.get("tool_calls", ())):
        function = call["function"]
        deltas.append({"tool_calls": [{"index": index} | call | {"function": function | {"arguments": ""}}]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in pieces(function["arguments"])
        ]
    return deltas


def _check_tools(body: Mapping[str, Any]) -> None:
    tools, choice = body.get("tools"), body.get("tool_choice", "auto")
    if tools is None:
        if "tool_choice" in body:
            raise Refusal(
                "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
            )
        return
    if not tools or any(tool.get("type") != "function" for tool in tools):
        raise Refusal("Invalid 'tools': expected functions")
    functions = [tool["function"] for tool in tools]
    for function in functions:
        if unknown := sorted(set(function) - {"name", "description", "parameters", "strict"}):
            raise Refusal(f"Unknown parameter: 'tools[0].function.{unknown[0]}'.")
        if function.get("strict") and (fault := _strict_fault(function["parameters"])):
            raise Refusal(
                f"Invalid schema for function '{function['name']}': {fault}",
                400,
                "invalid_function_parameters",
            )
    named = choice["function"]["name"] if isinstance(choice, dict) else None
    if named is None and choice not in ("none", "auto", "required"):
        raise Refusal(f"Invalid value: {choice!r} for 'tool_choice'.")
    pairs = [(function.get("name"), function.get("parameters")) for function in functions]
    check_tools(pairs, r"[a-zA-Z0-9_-]{1,64}", named)


def _strict_fault(schema: Any) -> str:
    """What structured outputs ask beyond JSON Schema: closed objects, all of whose properties are required."""
    if isinstance(schema, list):
        return next((fault for part in schema if (fault := _strict_fault(part))), "")
    if not isinstance(schema, dict):
        return ""
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false."
        if set(schema.get("required", ())) != set(schema.get("properties", {})):
            return (
                "'required' is required to be supplied and to be an array including every key in properties."
            )
    return next((fault for part in schema.values() if (fault := _strict_fault(part))), "")


def _check_messages(messages: Sequence[Mapping[str, Any]]) -> None:
    if not messages:
        raise Refusal("Invalid 'messages': empty array.")
    waiting: list[str] = []
    for at, message in enumerate(messages):
        known = _ROLES.get(message.get("role", ""))
        if known is None or set(message) - known:
            raise Refusal(f"Invalid 'messages[{at}]': unknown role or parameter")
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                raise Refusal(
                    "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                )
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            raise Refusal(_unanswered(waiting))
        calls = message.get("tool_calls") or []
        if message.get("content") is None and not calls:
            raise Refusal(f"Invalid value for 'content': expected a string, got null. messages[{at}]")
        if any(not isinstance(call["function"]["arguments"], str) for call in calls):
            raise Refusal(
                f"Invalid type for 'messages[{at}].tool_calls[0].function.arguments': expected a string"
            )
        waiting = [call["id"] for call in calls]
    if waiting:
        raise Refusal(_unanswered(waiting))


def _unanswered(ids: Sequence[str]) -> str:
    return (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(ids)}"
    )
