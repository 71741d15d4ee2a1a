"""Imitates the Gemini API's generateContent and streamGenerateContent, version v1beta.

Sources: its public reference for generateContent, function calling and errors (google.rpc). Checked as there: the
key in `x-goog-api-key`, unknown fields (in camel or snake case, as protobuf reads JSON), roles, names and schemas of
functions, and that a turn of calls follows the user's and is answered by as many function responses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from andon.testing.imitation import Asked, Told, json_told
from andon.testing.imitations.llm_server import (
    ModelServer,
    Refusal,
    Trouble,
    Turn,
    check_tools,
    events,
    request_of,
)

__all__ = ["GeminiApi"]

_FIELDS = (
    *("contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings"),
    *("cachedContent", "serviceTier", "store"),
)
_PART = {"text", "functionCall", "functionResponse", "thought", "thoughtSignature"}
_GENERATION = {
    *("temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "seed"),
    *("responseMimeType", "responseSchema", "responseJsonSchema", "responseModalities", "thinkingConfig"),
}
_DECLARATION = {"name", "description", "parameters", "parametersJsonSchema", "behavior", "response"}
_STATUS = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}


class GeminiApi(ModelServer):
    """generateContent, as documented. It sends no Retry-After: the wish to wait stands in the body."""

    def check(self, asked: Asked) -> bool:
        given = asked.headers.get("x-goog-api-key", "")
        if self.key and not given:
            raise Refusal("Method doesn't allow unregistered callers. Please use API Key.", 403)
        if self.key and given != self.key:
            raise Refusal("API key not valid. Please pass a valid API key.", 400, "API_KEY_INVALID")
        match = re.fullmatch(r"/v1beta/models/([^/:]+):(generateContent|streamGenerateContent)", asked.path)
        if match is None:
            raise Refusal("Not Found", 404)
        if self.models and match[1] not in self.models:
            raise Refusal(
                f"models/{match[1]} is not found for API version v1beta, or is not supported for generateContent.",
                404,
            )
        body = request_of(asked, _FIELDS, ("contents",))
        generation = _camels(body.get("generationConfig", {}))
        if unknown := sorted(set(generation) - _GENERATION):
            raise Refusal(
                f"Invalid JSON payload received. Unknown name \"{unknown[0]}\" at 'generation_config'"
            )
        if not 0 <= generation.get("temperature", 1) <= 2 or generation.get("maxOutputTokens", 1) < 1:
            raise Refusal("Unable to submit request because a generation parameter is out of range")
        _check_tools(body)
        _check_contents(body["contents"])
        return match[2] == "streamGenerateContent"

    def body(self, turn: Turn) -> Mapping[str, Any]:
        calls = [
            {"functionCall": {"id": call.id, "name": call.name, "args": dict(call.arguments)}}
            for call in turn.calls
        ]
        stop = "MAX_TOKENS" if turn.stop == "length" else "STOP"
        parts: list[dict[str, Any]] = [{"text": turn.text}] * bool(turn.text) + calls
        content = {"content": {"parts": parts, "role": "model"}, "finishReason": stop, "index": 0}
        return self._answer([content], turn)

    def filtered(self) -> Mapping[str, Any]:
        rating = {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}
        return self._answer(
            [{"finishReason": "SAFETY", "index": 0, "safetyRatings": [rating]}], Turn(output=0)
        )

    def _answer(self, candidates: list[dict[str, Any]], turn: Turn) -> dict[str, Any]:
        usage = {
            "promptTokenCount": turn.input,
            "candidatesTokenCount": turn.output,
            "totalTokenCount": turn.input + turn.output,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": turn.input}],
        }
        return {
            "candidates": candidates,
            "usageMetadata": usage | ({"cachedContentTokenCount": turn.cached} if turn.cached else {}),
            "modelVersion": self.models[0] if self.models else "gemini",
            "responseId": "mAitaLmkHPPlz7IPvtfUqQ4",
        }

    def written(self, body: Mapping[str, Any], streams: bool) -> Told:
        if not streams:
            return json_told(body)
        candidate = body["candidates"][0]
        rest = {key: value for key, value in body.items() if key != "candidates"}
        parts = candidate.get("content", {}).get("parts", [])
        chunks: list[dict[str, Any]] = [
            {"candidates": [{"content": {"parts": [part], "role": "model"}, "index": 0}]} | rest
            for part in parts
        ]
        last = {key: value for key, value in candidate.items() if key != "content"}
        chunks.append({"candidates": [last]} | rest)
        return events([("", chunk) for chunk in chunks])

    def refusal(self, refusal: Refusal) -> Told:
        info = "type.googleapis.com/google.rpc.ErrorInfo"
        details = (
            [{"@type": info, "reason": refusal.kind, "domain": "googleapis.com"}] if refusal.kind else []
        )
        return _error(refusal.status, refusal.message, details)

    def trouble(self, trouble: Trouble) -> Told:
        match trouble:
            case Trouble.KEY:
                return self.refusal(
                    Refusal("API key not valid. Please pass a valid API key.", 400, "API_KEY_INVALID")
                )
            case Trouble.MODEL:
                return _error(
                    404, "models/gemini-nothing is not found for API version v1beta, or is not supported."
                )
            case Trouble.BUSY:
                info = {
                    "@type": "type.googleapis.com/google.rpc.RetryInfo",
                    "retryDelay": f"{self.retry_after}s",
                }
                return _error(429, "You exceeded your current quota, please wait.", [info])
            case Trouble.QUOTA:
                violation = {
                    "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
                    "quotaValue": "250",
                }
                failure = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}
                return _error(429, "You exceeded your current quota, please check your plan.", [failure])
            case Trouble.OVERLOADED:
                return _error(503, "The model is overloaded. Please try again later.", status="UNAVAILABLE")
            case Trouble.TOO_LONG:
                return _error(
                    400,
                    "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).",
                )
            case _:
                return _error(500, "An internal error has occurred.", status="INTERNAL")


def _error(code: int, message: str, details: Sequence[Mapping[str, Any]] = (), status: str = "") -> Told:
    error: dict[str, Any] = {"code": code, "message": message, "status": status or _STATUS[code]}
    return json_told({"error": error | ({"details": list(details)} if details else {})}, code)


def _camels(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Names in camel case, as protobuf takes both."""
    return {re.sub(r"_(\w)", lambda match: match[1].upper(), name): value for name, value in fields.items()}


def _check_tools(body: Mapping[str, Any]) -> None:
    declared = [
        _camels(one)
        for tool in body.get("tools", ())
        for one in _camels(tool).get("functionDeclarations", ())
    ]
    for one in declared:
        if unknown := sorted(set(one) - _DECLARATION):
            raise Refusal(f"Invalid JSON payload received. Unknown name \"{unknown[0]}\" at 'tools'")
    config = _camels(_camels(body.get("toolConfig", {})).get("functionCallingConfig", {}))
    if config.get("mode", "AUTO") not in ("AUTO", "ANY", "NONE", "VALIDATED"):
        raise Refusal("Invalid value at 'tool_config.function_calling_config.mode'")
    pairs = [(one.get("name"), one.get("parametersJsonSchema", one.get("parameters"))) for one in declared]
    names = config.get("allowedFunctionNames") or [None]
    check_tools(pairs, r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}", names[0], most=512)


def _check_contents(contents: Sequence[Mapping[str, Any]]) -> None:
    if not contents:
        raise Refusal("* GenerateContentRequest.contents: contents is not specified")
    calls, before = 0, ""
    for content in contents:
        role, parts = content.get("role", "user"), [_camels(part) for part in content.get("parts", ())]
        if role not in ("user", "model"):
            raise Refusal("Please use a valid role: user, model.")
        if not parts or any(set(part) - _PART or not set(part) - {"thoughtSignature"} for part in parts):
            raise Refusal(
                "Unable to submit request because it must have a text parameter, or an unknown part"
            )
        responses = sum("functionResponse" in part for part in parts)
        if responses != calls:
            raise Refusal(
                "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
            )
        calls = sum("functionCall" in part for part in parts)
        if calls and before != "user":
            raise Refusal(
                "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
            )
        before = role
    if calls:
        raise Refusal("Please ensure that function call turn is followed by a function response turn.")
