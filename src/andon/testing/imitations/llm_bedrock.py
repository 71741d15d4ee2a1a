"""Imitates Amazon Bedrock's Converse and ConverseStream.

Sources: the public API reference and the service description in botocore. Checked as there: AWS Signature 4 or a
bearer key, unknown and required fields, roles that alternate and begin with the user, content blocks that are one
thing each and not blank, names and schemas of tools, and that each `toolUse` is answered by a `toolResult` in the
next message, with a `toolConfig` stated. A `retry-after` is sent with throttling where the test asks for it.
"""

from __future__ import annotations

import re
import struct
from binascii import crc32
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import orjson

from andon.testing.imitation import Asked, Told, json_told
from andon.testing.imitations.aws.signature import Signature
from andon.testing.imitations.llm_server import (
    ModelServer,
    Refusal,
    Trouble,
    Turn,
    check_tools,
    pieces,
    request_of,
)

__all__ = ["BedrockApi"]

_FIELDS = (
    *(
        "messages",
        "system",
        "inferenceConfig",
        "toolConfig",
        "guardrailConfig",
        "additionalModelRequestFields",
    ),
    *("promptVariables", "additionalModelResponseFieldPaths", "requestMetadata", "performanceConfig"),
    *("serviceTier", "outputConfig"),
)
_BLOCKS = {
    "text": None,
    "toolUse": {"toolUseId", "name", "input"},
    "toolResult": {"toolUseId", "content", "status"},
    "cachePoint": {"type", "ttl"},
}


class BedrockApi(ModelServer):
    """Converse, as documented; `secret` is the secret access key of `AKIDEXAMPLE`, `key` a bearer key instead."""

    def __init__(self, *script: Any, secret: str = "", region: str = "eu-west-1", **options: Any) -> None:
        super().__init__(*script, **options)
        self.secret = secret
        self.region = region

    def check(self, asked: Asked) -> bool:
        self._check_identity(asked)
        match = re.fullmatch(r"/model/([^/]+)/(converse|converse-stream)", asked.path)
        if match is None:
            raise Refusal("<UnknownOperationException/>", 404, "UnknownOperationException")
        body = request_of(asked, _FIELDS, ())
        if self.models and unquote(match[1]) not in self.models:
            raise Refusal("The provided model identifier is invalid.")
        inference = body.get("inferenceConfig", {})
        if set(inference) - {"maxTokens", "temperature", "topP", "stopSequences"}:
            raise Refusal("inferenceConfig: unknown parameter")
        if inference.get("maxTokens", 1) < 1 or not 0 <= inference.get("temperature", 1) <= 1:
            raise Refusal("inferenceConfig: Member must be in range")
        if any(set(part) == {"text"} and not part["text"] for part in body.get("system", ())):
            raise Refusal("system: Member must have length greater than or equal to 1")
        _check_tools(body.get("toolConfig"))
        _check_messages(body.get("messages", []), "toolConfig" in body)
        return match[2] == "converse-stream"

    def _check_identity(self, asked: Asked) -> None:
        if self.key:
            if asked.headers.get("authorization") != f"Bearer {self.key}":
                raise Refusal("Authentication failed: API Key not valid", 403, "AccessDeniedException")
            return
        signed = Signature.of(asked)
        if signed is None or (signed.region, signed.service) != (self.region, "bedrock"):
            raise Refusal(
                "The request signature we calculated does not match", 403, "UnrecognizedClientException"
            )
        if signed.key != "AKIDEXAMPLE" or not signed.fits(asked, self.secret):
            said = "The security token included in the request is invalid."
            raise Refusal(said, 403, "UnrecognizedClientException")

    def body(self, turn: Turn) -> Mapping[str, Any]:
        calls = [
            {"toolUse": {"toolUseId": f"tooluse_{call.id}", "name": call.name, "input": dict(call.arguments)}}
            for call in turn.calls
        ]
        stop = "max_tokens" if turn.stop == "length" else "tool_use" if calls else "end_turn"
        return _converse([{"text": turn.text}] * bool(turn.text) + calls, stop, turn)

    def filtered(self) -> Mapping[str, Any]:
        return _converse([], "content_filtered", Turn(output=0))

    def written(self, body: Mapping[str, Any], streams: bool) -> Told:
        if not streams:
            return json_told(body, headers={"x-amzn-requestid": "8a0d9d3b-6b0f-4f5e-9a54-2d3a1d1f8f11"})
        parts: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
        for index, block in enumerate(body["output"]["message"]["content"]):
            parts += _block(index, block)
        parts.append(("messageStop", {"stopReason": body["stopReason"]}))
        parts.append(("metadata", {"usage": body["usage"], "metrics": body["metrics"]}))
        written = b"".join(_event(name, content) for name, content in parts)
        return Told(200, written, {"content-type": "application/vnd.amazon.eventstream"})

    def refusal(self, refusal: Refusal) -> Told:
        return _error(refusal.status, refusal.kind or "ValidationException", refusal.message)

    def trouble(self, trouble: Trouble) -> Told:
        match trouble:
            case Trouble.KEY:
                said = "User: arn:aws:iam::111122223333:role/andon is not authorized to perform: bedrock:InvokeModel"
                return _error(403, "AccessDeniedException", said)
            case Trouble.MODEL:
                return _error(400, "ValidationException", "The provided model identifier is invalid.")
            case Trouble.BUSY:
                after = {"retry-after": self.retry_after} if self.retry_after else {}
                return _error(
                    429, "ThrottlingException", "Too many requests, please wait before trying again.", after
                )
            case Trouble.QUOTA:
                return _error(400, "ServiceQuotaExceededException", "Too many tokens per day.")
            case Trouble.OVERLOADED:
                return _error(
                    503, "ServiceUnavailableException", "Bedrock is unable to process your request."
                )
            case Trouble.TOO_LONG:
                return _error(400, "ValidationException", "Input is too long for requested model.")
            case _:
                return _error(500, "InternalServerException", "The system encountered an unexpected error.")


def _error(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Told:
    return json_told({"message": message}, status, {"x-amzn-errortype": kind} | dict(headers or {}))


def _converse(content: list[dict[str, Any]], stop: str, turn: Turn) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop,
        "usage": {
            "inputTokens": turn.input - turn.cached,
            "outputTokens": turn.output,
            "totalTokens": turn.input + turn.output,
            "cacheReadInputTokens": turn.cached,
            "cacheWriteInputTokens": 0,
        },
        "metrics": {"latencyMs": 1275},
    }


def _block(index: int, block: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """One block of content as a stream brings it."""
    at = {"contentBlockIndex": index}
    if "text" in block:
        deltas: list[dict[str, Any]] = [{"text": piece} for piece in pieces(block["text"])]
        begin: list[tuple[str, dict[str, Any]]] = []
    else:
        use = block["toolUse"]
        deltas = [{"toolUse": {"input": piece}} for piece in pieces(orjson.dumps(use["input"]).decode())]
        start = {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}
        begin = [("contentBlockStart", at | {"start": start})]
    return [
        *begin,
        *(("contentBlockDelta", at | {"delta": delta}) for delta in deltas),
        ("contentBlockStop", at),
    ]


def _event(name: str, content: Mapping[str, Any]) -> bytes:
    """A message of application/vnd.amazon.eventstream: lengths, checksum, headers, payload, checksum."""
    stated = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for key, value in stated.items()
    )
    payload = orjson.dumps(content)
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", crc32(prelude)) + headers + payload
    return message + struct.pack(">I", crc32(message))


def _check_tools(config: Mapping[str, Any] | None) -> None:
    if config is None:
        return
    if set(config) - {"tools", "toolChoice"} or not config.get("tools"):
        raise Refusal("toolConfig.tools: Member must have length greater than or equal to 1")
    choice = config.get("toolChoice", {"auto": {}})
    if len(choice) != 1 or not set(choice) <= {"auto", "any", "tool"}:
        raise Refusal("toolConfig.toolChoice: exactly one member must be set")
    specs = [tool["toolSpec"] for tool in config["tools"] if "toolSpec" in tool]
    for spec in specs:
        if set(spec) - {"name", "description", "inputSchema", "strict"} or spec.get("description") == "":
            raise Refusal("toolConfig.tools: toolSpec: unknown or empty member")
    pairs = [(spec.get("name"), spec.get("inputSchema", {}).get("json")) for spec in specs]
    check_tools(pairs, r"[a-zA-Z0-9_-]{1,64}", choice.get("tool", {}).get("name"))


def _check_messages(messages: Sequence[Mapping[str, Any]], tools: bool) -> None:
    if not messages or messages[0].get("role") != "user":
        raise Refusal("A conversation must start with a user message.")
    asked: list[str] = []
    for at, message in enumerate(messages):
        if message.get("role") != ("user", "assistant")[at % 2]:
            raise Refusal("A conversation must alternate between user and assistant roles.")
        if not message.get("content"):
            raise Refusal(f"The content field in the Message object at messages.{at} is empty.")
        for number, block in enumerate(message["content"]):
            _check_block(f"messages.{at}.content.{number}", block, tools)
        answered = [block["toolResult"]["toolUseId"] for block in message["content"] if "toolResult" in block]
        if len(answered) > len(asked):
            raise Refusal(
                f"The number of toolResult blocks at messages.{at}.content exceeds the number of toolUse blocks of previous turn."
            )
        if lacking := [one for one in asked if one not in answered]:
            raise Refusal(
                f"Expected toolResult blocks at messages.{at}.content for the following Ids: {', '.join(lacking)}"
            )
        asked = [block["toolUse"]["toolUseId"] for block in message["content"] if "toolUse" in block]
    if asked:
        raise Refusal(
            f"Expected toolResult blocks at messages.{len(messages)}.content for the following Ids: {asked[0]}"
        )


def _check_block(place: str, block: Mapping[str, Any], tools: bool) -> None:
    kind = next(iter(block), "")
    if len(block) != 1 or kind not in _BLOCKS:
        raise Refusal(f"The ContentBlock object at {place} must set one of the known keys.")
    members = _BLOCKS[kind]
    if members is None:
        if not block["text"].strip():
            raise Refusal(f"The text field in the ContentBlock object at {place} is blank.")
        return
    if set(block[kind]) - members:
        raise Refusal(f"Unknown parameter in {place}.{kind}")
    if kind in ("toolUse", "toolResult") and not tools:
        raise Refusal(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks."
        )
    if not re.fullmatch(r"[a-zA-Z0-9_.:-]{1,64}", block[kind].get("toolUseId", "x")):
        raise Refusal(f"Value at {place}.toolUseId failed to satisfy constraint")
    if kind == "toolUse" and not isinstance(block[kind]["input"], dict):
        raise Refusal(f"The format of the value at {place}.toolUse.input is invalid. Provide a json object")
