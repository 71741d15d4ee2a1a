"""What the model may answer with: the tools and outputs of a request as one schema, as lines of text, and back.

Chat templates of small models know no tools, and llama.cpp then forgets that a tool was required; so the
answer is always one JSON object, `{"tool": …, "arguments": …}`, `{"output": …}` or `{"text": …}`, held to a schema.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.settings import ModelSettings, ToolOrOutput
from pydantic_ai.tools import ToolDefinition

from andon.llm.local.grammar import COMPACT, LONGEST_TEXT, narrowed
from andon.llm.local.specimen import described, specimen

__all__ = ["Choice", "call", "choice_of", "compact"]

ENOUGH = 2
"""A tool that was called so often with the very same arguments is not offered again: small models go round in circles."""
_TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}


@dataclass(frozen=True)
class Choice:
    """The tools, the schema of a structured output if one is wanted as text, and whether plain words will do."""

    tools: tuple[ToolDefinition, ...]
    output: dict[str, Any] | None
    text: bool

    @property
    def plain(self) -> bool:
        """Whether there is nothing to choose: the answer is words."""
        return self.text and not self.tools

    def schema(self) -> dict[str, Any] | None:
        """One schema for all that may be answered, None for plain words. Raises UserError when a tool can never be called."""
        if self.plain:
            return None
        shapes = [
            _object(
                tool={"enum": [tool.name]},
                arguments=_narrowed(tool.parameters_json_schema, f"arguments of {tool.name}"),
            )
            for tool in self.tools
        ]
        if self.output is not None:
            shapes.append(_object(output=_narrowed(self.output, "output")))
        if self.text:
            shapes.append(_object(text=_TEXT))
        return {"anyOf": shapes, **COMPACT}

    def instructions(self) -> str:
        """What the model is told of it: a line for each tool, and two examples made of the schemas."""
        if self.plain:
            return ""
        lines = [
            "Answer with one JSON object and nothing else. Call one tool at a time.",
            *(_line(tool) for tool in self.tools),
        ]
        if self.output is not None:
            lines.append(f"- to end: {compact({'output': specimen(self.output)})}")
        if self.text:
            lines.append(f"- to end, in plain words: {compact({'text': 'the answer'})}")
        shown = (self.tools[0], self.tools[-1]) if len(self.tools) > 1 else self.tools
        lines += [
            f"Example: {compact(call(tool.name, specimen(tool.parameters_json_schema)))}" for tool in shown
        ]
        return "\n".join(lines)

    def part(self, answer: str) -> ToolCallPart | TextPart:
        """The answer as pydantic_ai has it. Raises ValueError for what is not one of the choices."""
        if self.plain:
            return TextPart(answer.strip())
        match json.loads(answer):
            case {"tool": str(name), "arguments": dict(arguments)} if name in {
                tool.name for tool in self.tools
            }:
                return ToolCallPart(name, compact(arguments))
            case {"output": output} if self.output is not None:
                return TextPart(compact(output))
            case {"text": str(text)} if self.text:
                return TextPart(text)
        raise ValueError("none of what may be answered")


def choice_of(
    messages: Sequence[ModelMessage], settings: ModelSettings, parameters: ModelRequestParameters
) -> Choice:
    """What this request allows, by its tools, its outputs and its `tool_choice`. Raises UserError when that is nothing."""
    functions, outputs = parameters.declared_function_tools, parameters.output_tools
    direct = parameters.allow_text_output
    match settings.get("tool_choice"):
        case "none":
            functions = []
        case "required":
            outputs, direct = [], False
        case ToolOrOutput() as wanted:
            functions = [tool for tool in functions if tool.name in wanted.function_tools]
        case [_, *_] as names:
            functions = [tool for tool in functions if tool.name in names]
            outputs, direct = [tool for tool in outputs if tool.name in names], False
        case []:
            functions = []
    circling = _circling(messages)
    fresh = [tool for tool in functions if tool.name not in circling]
    if fresh or outputs or direct:
        functions = fresh
    if not functions and not outputs and not direct:
        raise UserError("no tool and no output is left that the local model may answer with")
    schema = parameters.output_object.json_schema if direct and parameters.output_object else None
    return Choice((*functions, *outputs), schema, direct and schema is None)


def call(name: str, arguments: Any) -> dict[str, Any]:
    """A tool call as the model writes it."""
    return {"tool": name, "arguments": arguments}


def compact(value: Any) -> str:
    """The value as JSON without white space, as the grammar asks for it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _circling(messages: Sequence[ModelMessage]) -> set[str]:
    calls = Counter(
        (part.tool_name, part.args_as_json_str())
        for message in messages
        if isinstance(message, ModelResponse)
        for part in message.parts
        if isinstance(part, ToolCallPart)
    )
    return {name for (name, _), times in calls.items() if times >= ENOUGH}


def _line(tool: ToolDefinition) -> str:
    what = (tool.description or "").strip().split("\n", 1)[0]
    return f"- {tool.name}({described(tool.parameters_json_schema)}){': ' if what else ''}{what}"


def _narrowed(schema: dict[str, Any], what: str) -> dict[str, Any]:
    try:
        found = narrowed(schema)
    except (TypeError, AttributeError, ValueError) as error:  # A lent tool states what it likes.
        raise UserError(f"{what}: this is not a JSON schema") from error
    if found is None:
        raise UserError(f"{what}: no finite JSON fits this schema")
    return found


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
