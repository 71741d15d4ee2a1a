from __future__ import annotations

from typing import Any

import pytest
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from andon.config import ModelEntry
from andon.llm.spans.names import agent_attributes, chat_span, provider_name, sample_span
from andon.llm.spans.span import Kind, Span, Trace, recording

ANSWER = ModelResponse(
    [TextPart("words of the model")],
    usage=RequestUsage(input_tokens=10, output_tokens=4, cache_read_tokens=3),
    model_name="m-2026",
    provider_response_id="resp-1",
    finish_reason="stop",
)
MESSAGES = [
    {"kind": "request", "instructions": "orders", "parts": [{"part_kind": "user-prompt", "content": "q"}]}
]


class Elsewhere(FunctionModel):
    """A model behind an address."""

    system = "openai-compatible"
    base_url = "http://models.example:8000/v1/"


def asked(model: Any, content: bool = False) -> Span:
    trace = Trace(content=content)
    settings = ModelSettings(temperature=0, max_tokens=100)
    with recording(trace), chat_span(model, "sample-1", settings, MESSAGES) as answered:
        answered(ANSWER)
    (one,) = trace.spans
    return one


def test_a_request_is_told_with_what_was_asked_and_answered() -> None:
    one = asked(Elsewhere(lambda *_: ANSWER, model_name="m"))
    assert (one.name, one.kind) == ("chat m", Kind.CLIENT)
    assert one.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m",
        "gen_ai.request.temperature": 0.0,
        "gen_ai.request.max_tokens": 100,
        "andon.sample": "sample-1",
        "server.address": "models.example",
        "server.port": 8000,
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "gen_ai.response.model": "m-2026",
        "gen_ai.response.id": "resp-1",
        "gen_ai.response.finish_reasons": ("stop",),
    }


def test_a_model_in_this_process_has_no_server() -> None:
    one = asked(FunctionModel(lambda *_: ANSWER, model_name="m"))
    assert one.kind is Kind.INTERNAL and "server.address" not in one.attributes


def test_content_is_told_only_on_request() -> None:
    model = FunctionModel(lambda *_: ANSWER, model_name="m")
    keys = {"gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"}
    assert not keys & set(asked(model).attributes)
    held = asked(model, content=True).attributes
    assert '"q"' in str(held["gen_ai.input.messages"]) and "orders" in str(held["gen_ai.system_instructions"])
    assert "words of the model" in str(held["gen_ai.output.messages"])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("anthropic", "anthropic"),
        ("openai", "openai"),
        ("openai-compatible", "openai"),
        ("bedrock", "aws.bedrock"),
        ("google", "gcp.gemini"),
        ("local", "local"),
    ],
)
def test_providers_by_the_names_of_the_conventions(ours: str, theirs: str) -> None:
    assert provider_name(ours) == theirs
    assert agent_attributes(ModelEntry(f"{ours}:m:7"))["gen_ai.provider.name"] == theirs
    assert agent_attributes(ModelEntry(f"{ours}:m:7"))["gen_ai.request.model"] == "m:7"


def test_a_run_without_a_model_is_ours() -> None:
    assert agent_attributes(None)["gen_ai.provider.name"] == "andon"
    assert "gen_ai.request.model" not in agent_attributes(None)


def test_a_sample_is_an_agent_of_its_own() -> None:
    trace = Trace()
    with (
        recording(trace),
        sample_span(FunctionModel(lambda *_: ANSWER), "sample-2", ModelSettings(temperature=0.7)),
    ):
        pass
    (one,) = trace.spans
    assert one.name == "invoke_agent andon"
    assert (one.attributes["andon.sample"], one.attributes["gen_ai.request.temperature"]) == ("sample-2", 0.7)
