"""A script: a model that answers by rule, and what it can know of its conversation.

A character sees what a real model would see, and nothing else: the prompt, the answers of tools, and what was
sent back. So it works through any guard, redaction and replay included.
"""

from __future__ import annotations

import asyncio
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    ModelResponsePart,
    RetryFeedbackPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

__all__ = ["CHARACTERS_A_TOKEN", "Character", "Line", "Named", "Situation", "call"]

CHARACTERS_A_TOKEN = 3.5
"""By which tokens are counted: about what tokenizers make of English with names and numbers in it."""

_HYPOTHESIS = re.compile(
    r"^(\d)\. (\d+)% component (\S+) \((.*?)\), mechanism (\S+?)(?:, change (\S+))?$", re.MULTILINE
)
_LINE = re.compile(
    r"^ *(?:(for|against) )?\[([a-z]+-\d+:[a-z]+(?:\.\d+)?)\] (?:id=(\S+) )?(.+)$", re.MULTILINE
)
_COMPONENTS = re.compile(r"^Components that send telemetry: (.+?)(?: and \d+ more)?$", re.MULTILINE)
_MECHANISMS = re.compile(r"^Mechanisms: (.+)$", re.MULTILINE)
_OBJECTION = re.compile(r"^- (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as a tool or the prompt tells it; `id` is that of a change, where it is one."""

    ref: str
    text: str
    supports: bool = True
    id: str = ""

    @property
    def measured(self) -> bool:
        """Whether it is telemetry, and no change."""
        return not self.ref.startswith("infrastructure")


@dataclass(frozen=True, slots=True)
class Named:
    """A hypothesis of the engine, as the prompt tells it."""

    component: str
    name: str
    mechanism: str
    change: str
    likelihood: float
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Situation:
    """Where a conversation stands: how often the model has spoken, what it was told, and by which name it concludes."""

    turn: int
    prompt: str
    answers: tuple[tuple[str, str], ...]
    objections: tuple[str, ...]
    output: str
    tools: tuple[str, ...] = ()
    named: tuple[Named, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = list(_HYPOTHESIS.finditer(self.prompt))
        ends = [match.start() for match in found[1:]] + [len(self.prompt)] * bool(found)
        named = [
            Named(m[3], m[4], m[5], m[6] or "", int(m[2]) / 100, lines_of(self.prompt[m.end() : end]))
            for m, end in zip(found, ends, strict=True)
        ]
        object.__setattr__(self, "named", tuple(named))

    @property
    def lines(self) -> tuple[Line, ...]:
        """All rows that were told, each once."""
        told = [line for one in self.named for line in one.lines]
        told += [line for _, text in self.answers for line in lines_of(text)]
        first: dict[str, Line] = {}
        for line in told:
            first.setdefault(line.ref, line)
        return tuple(first.values())

    @property
    def components(self) -> tuple[str, ...]:
        """Components that send telemetry."""
        match = _COMPONENTS.search(self.prompt)
        return tuple(match[1].split(", ")) if match else ()

    @property
    def mechanisms(self) -> tuple[str, ...]:
        match = _MECHANISMS.search(self.prompt)
        return tuple(match[1].split(", ")) if match else ()

    def conclude(self, hypotheses: Sequence[Mapping[str, Any]], nothing: str = "") -> ToolCallPart:
        """The call that ends the conversation."""
        return call(self.output, hypotheses=[dict(one) for one in hypotheses], nothing=nothing)


class Character(Model):
    """A scripted model; `turn` says what it answers. Nothing is kept between requests but what a character counts."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        """Requests that it got, in all conversations."""

    @property
    def model_name(self) -> str:
        return f"scripted-{type(self).__name__.lower()}"

    @property
    def system(self) -> str:
        return "scripted"

    @abstractmethod
    def turn(self, now: Situation) -> Sequence[ModelResponsePart]:
        """What it says next."""

    async def request(
        self,
        messages: list[ModelMessage],
        _model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        self.asked += 1
        await asyncio.sleep(0)
        parts = self.turn(_situation(messages, model_request_parameters))
        return ModelResponse(parts=list(parts), usage=_usage(messages, parts), model_name=self.model_name)


def call(tool: str, **arguments: Any) -> ToolCallPart:
    """A call of a tool."""
    return ToolCallPart(tool, arguments)


def lines_of(text: str) -> tuple[Line, ...]:
    """The rows that a text tells, one a line."""
    return tuple(Line(m[2], m[4], m[1] != "against", m[3] or "") for m in _LINE.finditer(text))


def _situation(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> Situation:
    asked = [part for one in messages if isinstance(one, ModelRequest) for part in one.parts]
    last = messages[-1].parts if messages else ()
    returned = [part for part in asked if isinstance(part, ToolReturnPart)]
    sent_back = [getattr(part, "content", "") for part in last if _retried(part)]
    return Situation(
        turn=sum(isinstance(one, ModelResponse) for one in messages),
        prompt="\n".join(str(part.content) for part in asked if isinstance(part, UserPromptPart)),
        answers=tuple((part.tool_name, str(part.content)) for part in returned),
        objections=tuple(why for text in sent_back for why in _OBJECTION.findall(str(text))),
        output=parameters.output_tools[0].name if parameters.output_tools else "final_result",
        tools=tuple(tool.name for tool in parameters.function_tools),
    )


def _retried(part: object) -> bool:
    """Whether a part says that something has to be mended."""
    return getattr(part, "outcome", "") == "retried" or isinstance(part, RetryFeedbackPart)


def _usage(messages: Sequence[ModelMessage], parts: Sequence[ModelResponsePart]) -> RequestUsage:
    sent = len(ModelMessagesTypeAdapter.dump_json(list(messages)))
    plain = [getattr(part, "args", None) or getattr(part, "content", "") for part in parts]
    said = len(orjson.dumps(plain, default=str))
    return RequestUsage(
        input_tokens=int(sent / CHARACTERS_A_TOKEN), output_tokens=int(said / CHARACTERS_A_TOKEN) + 1
    )
