from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from andon.llm.spans.calls import CallSpans
from andon.llm.spans.span import Span, Trace, annotate, recording


class Found(BaseModel):
    cause: str


def hide(value: Any) -> Any:
    return {"q": "hidden"} if isinstance(value, dict) else "hidden answer"


def talked(content: bool, answer: Any = None) -> list[Span]:
    def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        if len(messages) == 1:
            return ModelResponse([ToolCallPart("look", {"q": word}, word) for word in ("a", "b")])
        return ModelResponse([ToolCallPart(info.output_tools[0].name, {"cause": "x"}, "end")])

    def look(q: str) -> str:
        """Looks."""
        annotate({"andon.tool.status": "ok"})
        if answer is not None:
            raise answer
        return f"the secret of {q}"

    trace = Trace(content=content)
    agent = Agent(FunctionModel(script), output_type=Found, tools=[look], capabilities=[CallSpans(hide)])
    with recording(trace):
        assert asyncio.run(agent.run("go")).output == Found(cause="x")
    return trace.spans


def test_each_call_is_told_with_its_id_and_without_what_was_said() -> None:
    spans = talked(content=False)
    assert [one.name for one in spans] == ["execute_tool look"] * 2
    assert sorted(str(one.attributes["gen_ai.tool.call.id"]) for one in spans) == ["a", "b"]
    assert {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "look",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": "a",
        "andon.tool.status": "ok",
    } in [one.attributes for one in spans]


def test_content_is_told_as_it_would_leave() -> None:
    one, _ = talked(content=True)
    assert one.attributes["gen_ai.tool.call.arguments"] == '{"q": "hidden"}'
    assert one.attributes["gen_ai.tool.call.result"] == '"hidden answer"'


def test_a_tool_that_fails_is_told_by_its_class() -> None:
    trace = Trace()
    with recording(trace), pytest.raises(RuntimeError):
        asyncio.run(_failing())
    assert [one.error for one in trace.spans] == ["RuntimeError"]


async def _failing() -> None:
    def broken() -> str:
        """Breaks."""
        raise RuntimeError("words")

    model = FunctionModel(lambda *_: ModelResponse([ToolCallPart("broken", {})]))
    await Agent(model, tools=[broken], capabilities=[CallSpans(hide)]).run("go")
