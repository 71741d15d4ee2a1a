"""Calls of tools as spans: the one place that sees each call with the id that the model gave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import ToolCallPart
from pydantic_ai.tools import ToolDefinition

from andon.llm.spans.messages import as_text
from andon.llm.spans.span import Value, span, with_content

__all__ = ["CallSpans"]


@dataclass
class CallSpans(AbstractCapability[object]):
    """Puts a span around every call of a tool of one conversation; tells the model nothing, changes nothing.

    `hide` removes from arguments and answers what must not leave the process.
    """

    hide: Callable[[Any], Any]

    async def wrap_tool_execute(
        self,
        _ctx: RunContext[object],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: dict[str, Any],
        handler: Callable[[dict[str, Any]], Any],
    ) -> Any:
        if tool_def.kind == "output":
            return await handler(args)
        attributes: dict[str, Value] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": call.tool_name,
            "gen_ai.tool.type": "function",
            "gen_ai.tool.call.id": call.tool_call_id,
        }
        if with_content():
            attributes["gen_ai.tool.call.arguments"] = as_text(self.hide(args))
        with span(f"execute_tool {call.tool_name}", attributes=attributes) as one:
            answer = await handler(args)
            if with_content():
                one.attributes["gen_ai.tool.call.result"] = as_text(self.hide(answer))
            return answer
