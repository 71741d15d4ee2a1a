"""Answers that are almost right: each value of a good one in turn is lost, or of another kind. Whatever comes of it, it is
an answer, or a ModelError, and never a TypeError of somebody's library."""

from __future__ import annotations

import asyncio
import copy
import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from andon.errors import ModelError
from andon.llm.choice import ModelChoice
from andon.llm.failures import as_model_error
from andon.llm.providers import open_model
from andon.testing.imitations.llm_anthropic import AnthropicApi
from andon.testing.imitations.llm_bedrock import BedrockApi
from andon.testing.imitations.llm_google import GeminiApi
from andon.testing.imitations.llm_openai import OpenAiApi
from andon.testing.imitations.llm_server import Call, ModelServer, Raw, Turn

pytest.importorskip("pydantic_ai", reason="the extra llm is not installed")
from pydantic_ai import Agent

KEY = "key-0123456789"
GOOD = Turn("So:", (Call("final_result", {"component": "db"}, "c1"),))
APIS = [
    ("anthropic", "claude-sonnet-4-6", AnthropicApi, ""),
    ("openai", "qwen3-32b", OpenAiApi, "/v1"),
    ("bedrock", "eu.anthropic.claude-sonnet-4-6", BedrockApi, ""),
    ("google", "gemini-3.8-flash", GeminiApi, ""),
]
LOST = object()
OTHERS: tuple[Any, ...] = ("words", 7, [], {}, [None])
"""One of them for each place, in turn; beside nothing and null."""


class Verdict(BaseModel):
    component: str


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*at, key))


def changed(body: Any, place: tuple[Any, ...], other: Any) -> Any:
    body = copy.deepcopy(body)
    inner = body
    for key in place[:-1]:
        inner = inner[key]
    if other is LOST:
        del inner[place[-1]]
    else:
        inner[place[-1]] = other
    return body


async def failure(agent: Agent[None, Verdict]) -> Exception | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydantic's own, on what it serialises
        try:
            await agent.run("Why?")
        except Exception as error:
            return error
    return None


@pytest.mark.parametrize(("provider", "model", "api", "path"), APIS, ids=[one[0] for one in APIS])
def test_every_almost_right_answer_is_an_answer_or_a_model_error(
    provider: str, model: str, api: type[ModelServer], path: str
):
    body = dict(api([GOOD], models=[model]).body(GOOD))
    others = itertools.cycle(OTHERS)
    cases = [(place, other) for place in places(body) for other in (LOST, None, next(others))]
    answers = [Raw(changed(body, place, other)) for place, other in cases]

    async def all_of_them(server: ModelServer) -> None:
        choice = ModelChoice(
            provider, model, url=server.url + path, key=KEY, region="eu-west-1", timeout=20.0
        )
        agent = Agent(open_model(choice), output_type=Verdict, retries=0, model_settings={"max_tokens": 500})
        for number, (place, other) in enumerate(cases):
            server.play(answers[number])
            error = await failure(agent)
            told = error is None or as_model_error(error, choice)
            assert told is True or isinstance(told, ModelError), f"{place} as {other!r}: {error!r}"

    with api([GOOD], key=KEY, models=[model]) as server:
        asyncio.run(all_of_them(server))
    assert len(server.asked) >= len(cases)
