"""What the conventions call things: spans of agents, of requests to a model, and of calls of tools.

Source: OpenTelemetry semantic conventions for generative AI, as of 1.41 and later in their own repository
(gen-ai-spans, gen-ai-agent-spans); their status is "development". What they have no name for begins with `andon.`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from andon.config import ModelEntry
from andon.llm.spans.messages import instructions, received, sent
from andon.llm.spans.span import Attributes, Kind, Span, Value, span, with_content

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

__all__ = ["agent_attributes", "chat_span", "provider_name", "sample_span"]

_PROVIDERS = {
    "bedrock": "aws.bedrock",
    "google": "gcp.gemini",
    "google-gla": "gcp.gemini",
    "openai-compatible": "openai",
}
"""What providers are called here, and in the conventions, where that differs."""
_PORTS = {"http": 80, "https": 443}
_NOBODY = "andon"
"""The provider of a run without a model: the conventions want one, and the engine is ours."""


def provider_name(name: str) -> str:
    """What the conventions call a provider of models; a compatible server is `openai`, whose form it speaks."""
    return _PROVIDERS.get(name, name)


def agent_attributes(model: ModelEntry | None) -> dict[str, Value]:
    """Attributes of a run: the agent, and the model that leads it where there is one."""
    found: dict[str, Value] = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "andon",
        "gen_ai.provider.name": _NOBODY,
    }
    if model is not None:
        provider, _, name = model.name.partition(":")
        found["gen_ai.provider.name"] = provider_name(provider.strip())
        found["gen_ai.request.model"] = name.strip()
    return found


@contextmanager
def sample_span(model: Model, lane: str, settings: ModelSettings) -> Iterator[Span]:
    """One of the investigations of a run that are independent of each other."""
    attributes: dict[str, Value] = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "andon"}
    attributes |= _asked(model, lane, settings)
    with span("invoke_agent andon", attributes=attributes) as one:
        yield one


@contextmanager
def chat_span(
    model: Model, lane: str, settings: ModelSettings | None, messages: Sequence[Mapping[str, Any]]
) -> Iterator[Callable[[ModelResponse], None]]:
    """One request to a model; what it gives is told the answer, as it was received.

    `messages` are those that the request before had not sent, as they leave the process.
    """
    server = _server(model.base_url)
    attributes: dict[str, Value] = {"gen_ai.operation.name": "chat"}
    attributes |= {**_asked(model, lane, settings or {}), **server}
    if with_content():
        attributes["gen_ai.input.messages"] = sent(messages)
        attributes["gen_ai.system_instructions"] = instructions(messages)
    kind = Kind.CLIENT if server else Kind.INTERNAL
    with span(f"chat {model.model_name}", kind, attributes) as one:

        def answered(response: ModelResponse) -> None:
            one.attributes.update(_answered(response))
            if with_content():
                one.attributes["gen_ai.output.messages"] = received(response)

        yield answered


def _asked(model: Model, lane: str, settings: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {
        "gen_ai.provider.name": provider_name(model.system),
        "gen_ai.request.model": model.model_name,
        "andon.sample": lane,
    }
    if settings.get("temperature") is not None:
        found["gen_ai.request.temperature"] = float(settings["temperature"])
    if settings.get("max_tokens") is not None:
        found["gen_ai.request.max_tokens"] = int(settings["max_tokens"])
    return found


def _answered(response: ModelResponse) -> Attributes:
    usage = response.usage
    found: dict[str, Value] = {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
    }
    if usage.cache_read_tokens:
        found["gen_ai.usage.cache_read.input_tokens"] = usage.cache_read_tokens
    if usage.cache_write_tokens:
        found["gen_ai.usage.cache_creation.input_tokens"] = usage.cache_write_tokens
    if response.model_name:
        found["gen_ai.response.model"] = response.model_name
    if response.provider_response_id:
        found["gen_ai.response.id"] = response.provider_response_id
    if response.finish_reason:
        found["gen_ai.response.finish_reasons"] = (response.finish_reason,)
    return found


def _server(url: str | None) -> dict[str, Value]:
    """Host and port of a model's address, nothing for one in this process."""
    try:
        parts = urlsplit(url or "")
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return {}
    if not parts.hostname or port is None:
        return {}
    return {"server.address": parts.hostname, "server.port": port}
