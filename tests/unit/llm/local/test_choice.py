from __future__ import annotations

from typing import Any

import pytest
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings, ToolOrOutput
from pydantic_ai.tools import ToolDefinition

from andon.llm.local.choice import Choice, choice_of


def tool(name: str, **properties: Any) -> ToolDefinition:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return ToolDefinition(
        name=name, description=f"What {name} does.\nMore of it.", parameters_json_schema=schema
    )


LOGS, METRICS, END = (
    tool("logs", component={"type": "string"}),
    tool("metrics"),
    tool("end", cause={"type": "string"}),
)


def chosen(
    *called: str, tool_choice: Any = None, text: bool = False, outputs: bool = True, **more: Any
) -> tuple[list[str], bool]:
    parameters = ModelRequestParameters(
        function_tools=[LOGS, METRICS], output_tools=[END] if outputs else [], allow_text_output=text, **more
    )
    messages: list[ModelMessage] = [ModelResponse([ToolCallPart("logs", args)]) for args in called]
    settings = ModelSettings(tool_choice=tool_choice) if tool_choice is not None else ModelSettings()
    choice = choice_of(messages, settings, parameters)
    return [each.name for each in choice.tools], choice.text


@pytest.mark.parametrize(
    ("wanted", "names", "text"),
    [
        (None, ["logs", "metrics", "end"], True),
        ("auto", ["logs", "metrics", "end"], True),
        ("none", ["end"], True),
        ([], ["end"], True),
        ("required", ["logs", "metrics"], False),
        (["metrics", "end"], ["metrics", "end"], False),
        (ToolOrOutput(function_tools=["logs"]), ["logs", "end"], True),
    ],
)
def test_tool_choice(wanted, names, text):
    assert chosen(tool_choice=wanted, text=True) == (names, text)


def test_a_tool_that_goes_round_in_circles_is_not_offered_again():
    again = '{"component":"db"}'
    assert chosen(again, '{ "component": "web" }')[0] == ["logs", "metrics", "end"]
    assert chosen(again, '{ "component": "db" }')[0] == ["metrics", "end"]


def test_the_last_tool_stays_when_nothing_else_is_left():
    assert chosen("{}", "{}", tool_choice=["logs"], outputs=False)[0] == ["logs"]


def test_nothing_to_answer_with_is_the_callers_mistake():
    with pytest.raises(UserError, match="no tool and no output"):
        chosen(tool_choice="none", outputs=False)


def test_every_choice_is_one_closed_object():
    schema = Choice((LOGS, END), None, text=True).schema()
    assert schema is not None
    shapes = schema["anyOf"]
    assert [list(shape["properties"]) for shape in shapes] == [
        ["tool", "arguments"],
        ["tool", "arguments"],
        ["text"],
    ]
    assert [shape["properties"].get("tool") for shape in shapes] == [
        {"enum": ["logs"]},
        {"enum": ["end"]},
        None,
    ]
    assert all(shape["additionalProperties"] is False for shape in shapes)


def test_the_model_is_told_in_a_few_lines_with_two_examples():
    lines = Choice((LOGS, METRICS, END), None, text=False).instructions().splitlines()
    assert lines[1:] == [
        "- logs(component: text): What logs does.",
        "- metrics(): What metrics does.",
        "- end(cause: text): What end does.",
        'Example: {"tool":"logs","arguments":{"component":"<component>"}}',
        'Example: {"tool":"end","arguments":{"cause":"<cause>"}}',
    ]


def test_plain_words_are_neither_held_nor_explained():
    plain = Choice((), None, text=True)
    assert (plain.schema(), plain.instructions(), plain.part(" Paris. ")) == (None, "", TextPart("Paris."))


def test_an_output_wanted_as_text_is_held_to_its_schema():
    wanted = {"type": "object", "properties": {"cause": {"type": "string"}}, "required": ["cause"]}
    parameters = ModelRequestParameters(output_mode="native", output_object=OutputObjectDefinition(wanted))
    choice = choice_of([], ModelSettings(), parameters)
    assert not choice.text and not choice.plain
    assert choice.part('{"output":{"cause":"db"}}') == TextPart('{"cause":"db"}')
    assert '{"output":{"cause":"<cause>"}}' in choice.instructions()


def test_answers_become_parts():
    choice = Choice((LOGS,), None, text=True)
    part = choice.part('{"tool":"logs","arguments":{"component":"db"}}')
    assert isinstance(part, ToolCallPart)
    assert (part.tool_name, part.args) == ("logs", '{"component":"db"}')
    assert choice.part('{"text":"hello"}') == TextPart("hello")


@pytest.mark.parametrize(
    "answer",
    ['{"tool":"rm","arguments":{}}', '{"tool":"logs"', "hello", '{"tool":"logs"}', '{"output":1}', "[]"],
)
def test_what_is_none_of_the_choices(answer):
    with pytest.raises(ValueError, match=r"."):
        Choice((LOGS,), None, text=True).part(answer)


@pytest.mark.parametrize(
    ("odd", "why"), [({"enum": []}, "no finite JSON fits"), ({"properties": 3}, "not a JSON schema")]
)
def test_a_tool_that_can_never_be_called_is_the_callers_mistake(odd, why):
    with pytest.raises(UserError, match=f"arguments of odd: .*{why}"):
        Choice((tool("odd", x=odd),), None, text=False).schema()
