from __future__ import annotations

from typing import Any

import httpx2
import pytest

from andon.testing.imitations.llm_google import GeminiApi
from andon.testing.imitations.llm_server import Trouble, Turn

TEXT = {"text": "why?"}
USER = {"role": "user", "parts": [TEXT]}
CALL = {"functionCall": {"id": "c1", "name": "look", "args": {}}}
CALLS = {"role": "model", "parts": [CALL]}
RESULT = {"functionResponse": {"id": "c1", "name": "look", "response": {"result": "seen"}}}
RESULTS = {"role": "user", "parts": [RESULT]}
LOOK = {"name": "look", "parametersJsonSchema": {"type": "object"}}
HELLO = Turn("hello")
GOOD: dict[str, Any] = {"contents": [USER]}


def ask(
    body: dict[str, Any], key: str = "key", script: Any = HELLO, path: str = "gemini:generateContent"
) -> httpx2.Response:
    headers = {"x-goog-api-key": key} if key else {}
    with GeminiApi([script], key="key", models=["gemini"]) as server:
        return httpx2.post(f"{server.url}/v1beta/models/{path}", json=body, headers=headers, trust_env=False)


def tools(**function: Any) -> dict[str, Any]:
    return GOOD | {"tools": [{"function_declarations": [LOOK | function]}]}


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        {"contents": [USER, CALLS, RESULTS]},
        tools()
        | {"toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look"]}}},
        tools(parameters_json_schema={"type": "object"}) | {"generationConfig": {"max_output_tokens": 5}},
    ],
)
def test_what_the_api_takes(body: dict[str, Any]):
    assert ask(body).json()["candidates"][0]["content"]["parts"] == [{"text": "hello"}]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "contents"),
        ({"contents": []}, "not specified"),
        (GOOD | {"extra": 1}, "extra"),
        (GOOD | {"generationConfig": {"maxTokens": 5}}, "maxTokens"),
        (GOOD | {"generationConfig": {"temperature": 3}}, "out of range"),
        ({"contents": [{"role": "assistant", "parts": [TEXT]}]}, "valid role"),
        ({"contents": [{"role": "user", "parts": []}]}, "text parameter"),
        ({"contents": [USER, CALLS]}, "followed by a function response"),
        ({"contents": [USER, CALLS, USER]}, "number of function response parts"),
        ({"contents": [USER, RESULTS]}, "number of function response parts"),
        ({"contents": [CALLS, RESULTS]}, "immediately after a user turn"),
        (tools(name="9lives"), "does not match"),
        (tools(extra=1), "extra"),
        (tools() | {"toolConfig": {"functionCallingConfig": {"mode": "REQUIRED"}}}, "mode"),
        (tools() | {"toolConfig": {"functionCallingConfig": {"allowedFunctionNames": ["other"]}}}, "no tool"),
    ],
)
def test_what_the_api_refuses(body: dict[str, Any], told: str):
    answer = ask(body)
    assert answer.status_code == 400
    assert (
        answer.json()["error"]["status"] == "INVALID_ARGUMENT" and told in answer.json()["error"]["message"]
    )


def test_identity_path_and_model_are_checked():
    assert ask(GOOD, "").json()["error"]["status"] == "PERMISSION_DENIED"
    assert ask(GOOD, "other").json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert ask(GOOD, path="other:generateContent").json()["error"]["status"] == "NOT_FOUND"
    assert ask(GOOD, path="gemini:countTokens").status_code == 404


def test_a_stream_is_server_sent_events():
    answer = ask(GOOD, path="gemini:streamGenerateContent?alt=sse")
    assert answer.text.startswith("data: {") and '"finishReason": "STOP"' in answer.text


def test_troubles_have_the_formats_of_the_api():
    assert ask(GOOD, script=Trouble.BUSY).json()["error"]["details"][0]["retryDelay"] == "0s"
    assert ask(GOOD, script=Trouble.FILTERED).json()["candidates"][0]["finishReason"] == "SAFETY"
