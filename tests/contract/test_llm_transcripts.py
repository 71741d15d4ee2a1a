"""An exchange of three turns in each provider's own wire format, as its documentation shows it, through the real clients.

The transcripts (tests/fixtures/llm) hold what the API answers, and what must have been asked by the last turn: calls in
parallel, their results beside their ids, and a structured end. A client library that writes something else after an
upgrade fails here.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from andon.llm.choice import ModelChoice
from andon.llm.providers import open_model
from andon.testing.imitations.llm_anthropic import AnthropicApi
from andon.testing.imitations.llm_bedrock import BedrockApi
from andon.testing.imitations.llm_google import GeminiApi
from andon.testing.imitations.llm_openai import OpenAiApi
from andon.testing.imitations.llm_server import ModelServer, Raw

pytest.importorskip("pydantic_ai", reason="the extra llm is not installed")
from pydantic_ai import Agent

FIXTURES = Path(__file__).parent.parent / "fixtures" / "llm"
APIS: list[tuple[str, type[ModelServer], str]] = [
    ("anthropic", AnthropicApi, ""),
    ("openai", OpenAiApi, "/v1"),
    ("bedrock", BedrockApi, ""),
    ("google", GeminiApi, ""),
]


class Verdict(BaseModel):
    component: str
    confidence: float


def agent_of(choice: ModelChoice) -> Agent[None, Verdict]:
    agent = Agent(
        open_model(choice),
        output_type=Verdict,
        instructions="Find the cause.",
        model_settings={"max_tokens": 1000},
    )

    @agent.tool_plain
    def metrics(service: str) -> str:
        """Reads metrics."""
        return f"latency of {service}: 2 s"

    @agent.tool_plain
    def logs(service: str, lines: int = 10) -> str:
        """Reads logs."""
        return f"{lines} lines of {service}: connection refused"

    return agent


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("provider", "api", "path"), APIS, ids=[one[0] for one in APIS])
def test_a_recorded_exchange_passes_through_the_real_client(
    provider: str, api: type[ModelServer], path: str, streamed: bool
):
    recorded: dict[str, Any] = json.loads((FIXTURES / f"{provider}.json").read_text())

    async def ask(choice: ModelChoice) -> tuple[Verdict, Any]:
        agent = agent_of(choice)
        if not streamed:
            whole = await agent.run("Why is the cart slow?")
            return whole.output, whole.usage
        async with agent.run_stream("Why is the cart slow?") as result:
            return await result.get_output(), result.usage

    answers = [Raw(body) for body in recorded["answers"]]
    with api(answers, key="key-of-a-test", models=[recorded["model"]]) as server:
        url = server.url + path
        choice = ModelChoice(provider, recorded["model"], url=url, key="key-of-a-test", region="eu-west-1")
        output, usage = asyncio.run(ask(choice))
    assert output == Verdict(component="db", confidence=0.8)
    assert server.refused == []
    last = server.asked[-1].json()
    assert {key: last[key] for key in recorded["asked"]} == recorded["asked"]
    assert "Find the cause." in json.dumps(last)
    counted = {"input": usage.input_tokens, "output": usage.output_tokens, "cached": usage.cache_read_tokens}
    assert counted == recorded["usage"]
