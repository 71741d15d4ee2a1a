from __future__ import annotations

import json
from typing import Any

import pytest

from andon.llm.providers.address import Unreadable
from andon.llm.providers.shapes import Anthropic, Bedrock, Google, OpenAi, Shape, check


@pytest.mark.parametrize(
    ("shape", "answer"),
    [
        (OpenAi, {"choices": [{"message": {"role": "assistant", "content": "hello"}}]}),
        (
            OpenAi,
            {
                "choices": [
                    {
                        "message": {
                            "content": None,
                            "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}],
                        }
                    }
                ]
            },
        ),
        (Google, {"promptFeedback": {"blockReason": "SAFETY"}}),
        (Google, {"candidates": [{"finishReason": "SAFETY"}]}),
        (Shape, {}),
    ],
)
def test_what_compatible_servers_leave_out_is_not_missed(shape: type[Shape], answer: Any):
    check(json.dumps(answer).encode(), shape)


@pytest.mark.parametrize(
    ("shape", "answer", "place"),
    [
        (OpenAi, {"choices": []}, "choices"),
        (OpenAi, {"error": "no"}, "choices"),
        (
            OpenAi,
            {"choices": [{"message": {"tool_calls": [{"function": {"name": "f", "arguments": {}}}]}}]},
            "arguments",
        ),
        (
            Anthropic,
            {"id": "1", "model": "m", "stop_reason": None, "usage": {}, "content": [{"text": "x"}]},
            "content.0.type",
        ),
        (Bedrock, {"output": {"message": {"content": [{"text": 7}]}}}, "text"),
        (Google, {}, "candidates"),
        (Google, {"candidates": [{"content": {"parts": [{"functionCall": {"args": {}}}]}}]}, "name"),
        (Shape, [], "another shape"),
    ],
)
def test_what_is_of_another_shape_is_told_with_its_place_and_not_quoted(
    shape: type[Shape], answer: Any, place: str
):
    with pytest.raises(Unreadable) as raised:
        check(json.dumps(answer).encode(), shape)
    assert place in str(raised.value) and "7" not in str(raised.value)


@pytest.mark.parametrize(
    ("body", "told"), [(b"", "empty"), (b" \n", "empty"), (b"{", "not JSON"), (b"\xff", "not JSON")]
)
def test_what_is_not_json_is_told(body: bytes, told: str):
    with pytest.raises(Unreadable, match=told):
        check(body, Shape)
