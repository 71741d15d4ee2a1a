from __future__ import annotations

from typing import Any

import httpx2
import pytest

from andon.testing.imitations.llm_anthropic import AnthropicApi
from andon.testing.imitations.llm_server import Trouble, Turn

HEADERS = {"x-api-key": "key", "anthropic-version": "2023-06-01"}
USER = {"role": "user", "content": "why?"}
USE = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "seen"}
TEXT = {"type": "text", "text": "and"}
TOOL = {"name": "look", "input_schema": {"type": "object"}}
HELLO = Turn("hello")
GOOD = {"model": "claude", "max_tokens": 100, "messages": [USER]}


def ask(body: dict[str, Any], headers: dict[str, str] = HEADERS, script: Any = HELLO) -> httpx2.Response:
    with AnthropicApi([script], key="key", models=["claude"]) as server:
        return httpx2.post(server.url + "/v1/messages", json=body, headers=headers, trust_env=False)


def after(*messages: Any) -> dict[str, Any]:
    return GOOD | {"tools": [TOOL], "messages": [USER, *messages]}


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        GOOD | {"messages": [USER, USER]},
        after({"role": "assistant", "content": [TEXT, USE]}, {"role": "user", "content": [RESULT, TEXT]}),
        GOOD | {"temperature": 0.0, "tools": [TOOL], "tool_choice": {"type": "tool", "name": "look"}},
    ],
)
def test_what_the_api_takes(body: dict[str, Any]):
    assert ask(body).json()["content"] == [{"type": "text", "text": "hello"}]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"model": "claude", "messages": [USER]}, "max_tokens: Field required"),
        (GOOD | {"max_tokens": 0}, "max_tokens"),
        (GOOD | {"extra": 1}, "extra: Extra inputs are not permitted"),
        (GOOD | {"messages": []}, "at least one"),
        (GOOD | {"messages": [{"role": "system", "content": "x"}]}, "messages.0"),
        (GOOD | {"messages": [{"role": "assistant", "content": "x"}]}, "first message"),
        (GOOD | {"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]}, "non-empty"),
        (GOOD | {"temperature": 1.5}, "temperature"),
        (GOOD | {"tool_choice": {"type": "any"}}, "tool_choice"),
        (GOOD | {"tools": [TOOL | {"name": "two words"}]}, "does not match"),
        (GOOD | {"tools": [TOOL, TOOL]}, "unique"),
        (GOOD | {"tools": [{"name": "look", "input_schema": {"type": "strange"}}]}, "type object"),
        (GOOD | {"tools": [TOOL | {"parameters": {}}]}, "Extra inputs"),
        (after({"role": "assistant", "content": [USE]}), "without `tool_result`"),
        (after({"role": "assistant", "content": [USE]}, USER), "without `tool_result`"),
        (after({"role": "user", "content": [RESULT]}), "unexpected `tool_use_id`"),
        (
            after({"role": "assistant", "content": [USE]}, {"role": "user", "content": [TEXT, RESULT]}),
            "come first",
        ),
        (after({"role": "assistant", "content": [RESULT]}), "not allowed in assistant"),
    ],
)
def test_what_the_api_refuses(body: dict[str, Any], told: str):
    answer = ask(body)
    assert answer.status_code == 400
    assert (
        answer.json()["error"]["type"] == "invalid_request_error"
        and told in answer.json()["error"]["message"]
    )


def test_identity_version_and_model_are_checked():
    assert ask(GOOD, {"anthropic-version": "2023-06-01"}).json()["error"]["type"] == "authentication_error"
    assert ask(GOOD, HEADERS | {"x-api-key": "other"}).status_code == 401
    bearer = {"authorization": "Bearer key", "anthropic-version": "2026-10-21"}
    assert ask(GOOD, bearer).status_code == 200
    assert "temperature" in ask(GOOD | {"temperature": 1}, bearer).text
    assert "anthropic-version" in ask(GOOD, {"x-api-key": "key"}).text
    assert ask(GOOD | {"model": "other"}).json()["error"]["type"] == "not_found_error"


def test_a_stream_is_server_sent_events():
    answer = ask(GOOD | {"stream": True})
    kinds = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event")]
    assert kinds[:3] == ["message_start", "ping", "content_block_start"] and kinds[-1] == "message_stop"


def test_troubles_have_the_formats_of_the_api():
    assert ask(GOOD, script=Trouble.OVERLOADED).status_code == 529
    assert ask(GOOD, script=Trouble.BUSY).headers["retry-after"] == "0"
