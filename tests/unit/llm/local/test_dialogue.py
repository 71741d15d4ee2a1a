from __future__ import annotations

import pytest
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import (
    BinaryContent,
    InstructionPart,
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
from pydantic_ai.models import ModelRequestParameters

from andon.llm.local.choice import Choice
from andon.llm.local.dialogue import Piece, dialogue_of, joined

PLAIN = Choice((), None, text=True)
HISTORY = [
    ModelRequest(
        [SystemPromptPart("You look for causes."), UserPromptPart("Why?")], instructions="Be short."
    ),
    ModelResponse([ThinkingPart("hm"), ToolCallPart("logs", {"component": "db"}, "1")]),
    ModelRequest([ToolReturnPart("logs", {"errors": 3}, "1")]),
    ModelResponse([TextPart("The database.")]),
    ModelRequest([UserPromptPart(["And", "then?"])]),
]


def test_calls_and_answers_of_tools_are_turns_that_every_template_knows():
    assert dialogue_of(HISTORY, ModelRequestParameters(), PLAIN) == [
        Piece("system", "You look for causes.\n\nBe short."),
        Piece("user", "Why?"),
        Piece("assistant", '{"tool":"logs","arguments":{"component":"db"}}'),
        Piece("user", 'Answer of logs:\n{"errors":3}', "logs"),
        Piece("assistant", "The database."),
        Piece("user", "And\nthen?"),
    ]


def test_what_an_agent_is_told_comes_before_older_instructions():
    told = ModelRequestParameters(instruction_parts=[InstructionPart("Be long.")])
    assert dialogue_of(HISTORY, told, PLAIN)[0].text == "You look for causes.\n\nBe long."


def test_feedback_on_an_answer_is_a_turn_of_the_user():
    feedback = RetryFeedbackPart("too vague", retry=RetryInfo(cause="model_retry"))
    history = [ModelRequest([feedback])]
    assert "too vague" in dialogue_of(history, ModelRequestParameters(), PLAIN)[1].text


def test_only_text_is_read():
    history = [ModelRequest([UserPromptPart(["look", BinaryContent(b"png", media_type="image/png")])])]
    with pytest.raises(UserError, match="reads text alone"):
        dialogue_of(history, ModelRequestParameters(), PLAIN)


def test_neighbours_of_one_role_are_one_turn():
    pieces = [Piece("user", "a"), Piece("user", "b", "logs"), Piece("assistant", ""), Piece("user", "c")]
    assert joined(pieces) == [Piece("user", "a\n\nb\n\nc")]
