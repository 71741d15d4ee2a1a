from __future__ import annotations

import json

from pydantic_ai.messages import (
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    RetryFeedbackPart,
    RetryInfo,
    SystemPromptPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from andon.llm.spans.messages import as_text, instructions, received, sent

ANSWER = ModelResponse(
    [ThinkingPart("hm"), TextPart("I look"), ToolCallPart("logs", '{"top": 2}', "c1")],
    finish_reason="tool_call",
)
SPOKEN = ModelMessagesTypeAdapter.dump_python(
    [
        ModelRequest([SystemPromptPart("be brief"), UserPromptPart("why?")], instructions="find the cause"),
        ANSWER,
        ModelRequest(
            [
                ToolReturnPart("logs", "three lines", "c1"),
                RetryFeedbackPart("not borne out", retry=RetryInfo(cause="model_retry")),
            ]
        ),
    ],
    mode="json",
)


def test_messages_have_the_form_of_the_conventions() -> None:
    call = {"type": "tool_call", "id": "c1", "name": "logs", "arguments": {"top": 2}}
    said = [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "I look"}, call]
    assert json.loads(sent(SPOKEN)) == [
        {"role": "system", "parts": [{"type": "text", "content": "be brief"}]},
        {"role": "user", "parts": [{"type": "text", "content": "why?"}]},
        {"role": "assistant", "parts": said},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "three lines"}]},
        {"role": "user", "parts": [{"type": "text", "content": "not borne out"}]},
    ]
    assert json.loads(received(ANSWER)) == [
        {"role": "assistant", "parts": said, "finish_reason": "tool_call"}
    ]


def test_instructions_stand_apart() -> None:
    assert json.loads(instructions(SPOKEN)) == [{"type": "text", "content": "find the cause"}]
    assert instructions(SPOKEN[1:]) == "[]"


def test_what_is_no_json_stays_text_and_what_is_no_value_is_named() -> None:
    (told,) = json.loads(received(ModelResponse([ToolCallPart("logs", "{broken", "c1")])))
    assert told["parts"][0]["arguments"] == "{broken"
    assert (as_text({"a": object()}), as_text("\ud800")) == ('{"a": "object"}', '"\ud800"')
