from __future__ import annotations

from typing import Any

import httpx2
import pytest

from andon.testing.imitations.llm_bedrock import BedrockApi
from andon.testing.imitations.llm_server import Trouble, Turn

TEXT = {"text": "why?"}
USER = {"role": "user", "content": [TEXT]}
USE = {"toolUse": {"toolUseId": "t1", "name": "look", "input": {}}}
RESULT = {"toolResult": {"toolUseId": "t1", "content": [{"text": "seen"}]}}
SPEC = {"name": "look", "inputSchema": {"json": {"type": "object"}}}
TOOLS = {"tools": [{"toolSpec": SPEC}]}
HELLO = Turn("hello")
GOOD: dict[str, Any] = {"messages": [USER]}


def ask(
    body: dict[str, Any], key: str = "key", script: Any = HELLO, path: str = "m%3A0/converse"
) -> httpx2.Response:
    headers = {"authorization": f"Bearer {key}"}
    with BedrockApi([script], key="key", models=["m:0"]) as server:
        return httpx2.post(f"{server.url}/model/{path}", json=body, headers=headers, trust_env=False)


def talk(*messages: Any, tools: Any = TOOLS) -> dict[str, Any]:
    return {"messages": [USER, *messages]} | ({"toolConfig": tools} if tools else {})


def model(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        talk(model(TEXT, USE), {"role": "user", "content": [RESULT]}),
        GOOD | {"toolConfig": TOOLS | {"toolChoice": {"any": {}}}, "inferenceConfig": {"maxTokens": 5}},
    ],
)
def test_what_the_api_takes(body: dict[str, Any]):
    assert ask(body).json()["output"]["message"]["content"] == [{"text": "hello"}]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"messages": []}, "start with a user message"),
        ({"messages": [model(TEXT)]}, "start with a user message"),
        ({"messages": [USER, USER]}, "must alternate"),
        ({"messages": [{"role": "user", "content": []}]}, "is empty"),
        ({"messages": [{"role": "user", "content": [{"text": " "}]}]}, "is blank"),
        ({"messages": [{"role": "user", "content": [TEXT | USE]}]}, "must set one"),
        (GOOD | {"max_tokens": 5}, "max_tokens"),
        (GOOD | {"system": [{"text": ""}]}, "length greater"),
        (GOOD | {"inferenceConfig": {"topK": 5}}, "inferenceConfig"),
        (GOOD | {"inferenceConfig": {"temperature": 2}}, "range"),
        (GOOD | {"toolConfig": {"tools": []}}, "length greater"),
        (GOOD | {"toolConfig": {"tools": [{"toolSpec": SPEC | {"name": "a.b"}}]}}, "does not match"),
        (GOOD | {"toolConfig": {"tools": [{"toolSpec": SPEC | {"description": ""}}]}}, "empty member"),
        (GOOD | {"toolConfig": TOOLS | {"toolChoice": {"any": {}, "auto": {}}}}, "exactly one"),
        (talk(model(USE)), "Expected toolResult blocks"),
        (talk(model(USE), USER), "Expected toolResult blocks"),
        (talk(model(TEXT), {"role": "user", "content": [RESULT]}), "exceeds the number of toolUse"),
        (
            talk(model(USE), {"role": "user", "content": [RESULT]}, tools=None),
            "toolConfig field must be defined",
        ),
    ],
)
def test_what_the_api_refuses(body: dict[str, Any], told: str):
    answer = ask(body)
    assert answer.status_code == 400 and answer.headers["x-amzn-errortype"] == "ValidationException"
    assert told in answer.json()["message"]


def test_identity_path_and_model_are_checked():
    assert ask(GOOD, "other").headers["x-amzn-errortype"] == "AccessDeniedException"
    assert ask(GOOD, path="m%3A0/invoke").status_code == 404
    assert "identifier is invalid" in ask(GOOD, path="other/converse").text
    with BedrockApi([Turn("hello")], secret="s") as server:
        unsigned = httpx2.post(f"{server.url}/model/m/converse", json=GOOD, trust_env=False)
    assert unsigned.headers["x-amzn-errortype"] == "UnrecognizedClientException"


def test_a_stream_is_an_event_stream_that_botocore_reads():
    buffers = pytest.importorskip("botocore.eventstream", reason="the extra llm is not installed")
    buffer = buffers.EventStreamBuffer()
    buffer.add_data(ask(GOOD, path="m%3A0/converse-stream").content)
    kinds = [event.headers[":event-type"] for event in buffer]
    assert kinds[0] == "messageStart" and kinds[-2:] == ["messageStop", "metadata"]


def test_troubles_have_the_formats_of_the_api():
    assert ask(GOOD, script=Trouble.BUSY).headers["x-amzn-errortype"] == "ThrottlingException"
    assert ask(GOOD, script=Trouble.FILTERED).json()["stopReason"] == "content_filtered"
