from __future__ import annotations

from typing import Any

import httpx2
import pytest

from andon.testing.imitations.llm_openai import OpenAiApi
from andon.testing.imitations.llm_server import Trouble, Turn

USER = {"role": "user", "content": "why?"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "seen"}
CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
HELLO = Turn("hello")
GOOD = {"model": "gpt", "messages": [USER]}


def tool(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}} | function}


def ask(body: dict[str, Any], key: str = "key", script: Any = HELLO) -> httpx2.Response:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    with OpenAiApi([script], key="key", models=["gpt"]) as server:
        return httpx2.post(server.url + "/v1/chat/completions", json=body, headers=headers, trust_env=False)


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        GOOD | {"tools": [tool()], "messages": [USER, CALLS, RESULT]},
        GOOD | {"tools": [tool(strict=True, parameters=CLOSED)], "tool_choice": "required"},
    ],
)
def test_what_the_api_takes(body: dict[str, Any]):
    assert ask(body).json()["choices"][0]["message"]["content"] == "hello"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"model": "gpt"}, "messages"),
        (GOOD | {"extra": 1}, "extra"),
        (GOOD | {"messages": []}, "empty array"),
        (GOOD | {"messages": [{"role": "robot", "content": "x"}]}, "unknown role"),
        (GOOD | {"messages": [USER | {"tool_calls": []}]}, "unknown role or parameter"),
        (GOOD | {"messages": [{"role": "user", "content": None}]}, "expected a string"),
        (GOOD | {"messages": [USER, CALLS]}, "call_1"),
        (GOOD | {"messages": [USER, CALLS, USER]}, "must be followed by tool messages"),
        (GOOD | {"messages": [USER, RESULT]}, "must be a response"),
        (GOOD | {"messages": [USER, CALLS, RESULT, RESULT]}, "must be a response"),
        (GOOD | {"temperature": 3}, "temperature"),
        (GOOD | {"stream_options": {}}, "stream_options"),
        (GOOD | {"tool_choice": "auto"}, "tool_choice"),
        (GOOD | {"tools": []}, "functions"),
        (GOOD | {"tools": [tool(name="a.b")]}, "does not match"),
        (GOOD | {"tools": [tool(extra=1)]}, "extra"),
        (
            GOOD | {"tools": [tool(parameters={"type": "object", "properties": {"a": {"type": "str"}}})]},
            "invalid",
        ),
        (GOOD | {"tools": [tool(strict=True)]}, "additionalProperties"),
        (GOOD | {"tools": [tool(strict=True, parameters=CLOSED | {"required": []})]}, "every key"),
        (
            GOOD | {"tools": [tool()], "tool_choice": {"type": "function", "function": {"name": "other"}}},
            "no tool",
        ),
        (GOOD | {"tools": [tool()], "tool_choice": "any"}, "tool_choice"),
    ],
)
def test_what_the_api_refuses(body: dict[str, Any], told: str):
    answer = ask(body)
    assert answer.status_code == 400
    assert (
        answer.json()["error"]["type"] == "invalid_request_error"
        and told in answer.json()["error"]["message"]
    )


def test_identity_and_model_are_checked():
    assert ask(GOOD, "other").json()["error"]["code"] == "invalid_api_key"
    assert ask(GOOD, "").status_code == 401
    assert ask(GOOD | {"model": "other"}).json()["error"]["code"] == "model_not_found"


def test_a_stream_ends_with_usage_and_done():
    lines = ask(GOOD | {"stream": True}).text.split("\n\n")
    assert lines[-2] == "data: [DONE]" and '"usage": {' in lines[-3]


def test_troubles_have_the_formats_of_the_api():
    assert ask(GOOD, script=Trouble.TOO_LONG).json()["error"]["code"] == "context_length_exceeded"
    assert ask(GOOD, script=Trouble.QUOTA).status_code == 429
