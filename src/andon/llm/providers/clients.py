"""The clients that speak over HTTP by themselves: Anthropic's, OpenAI's, Google's, each held to one address.

None of them sees the key, retries, follows redirects, or reads an address from the environment.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import httpx2

from andon.errors import ConfigError
from andon.llm.choice import KEYS, ModelChoice
from andon.llm.providers.address import Address
from andon.llm.providers.shapes import Anthropic, Google, OpenAi, Shape
from andon.llm.providers.transport import Manners, ModelTransport

if TYPE_CHECKING:
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

__all__ = ["open_anthropic", "open_google", "open_openai", "sendable", "settings_of"]

_HOMES = {
    "anthropic": "https://api.anthropic.com",
    "openai": "https://api.openai.com/v1",
    "google": "https://generativelanguage.googleapis.com",
}
_SHAPES: dict[str, type[Shape]] = {
    "anthropic": Anthropic,
    "openai": OpenAi,
    "google": Google,
}
_PLACEHOLDER = "put-in-by-the-transport"
_ANTHROPIC_VERSION = "2023-06-01"
"""The later version 2026-10-21, which the library sends by itself, refuses a temperature (docs: API versioning)."""
_OPENAI_ACCOUNT = frozenset(["openai-organization", "openai-project"])
"""Set from OPENAI_ORG_ID and OPENAI_PROJECT_ID by the library; they are for nobody but OpenAI."""


def open_anthropic(choice: ModelChoice) -> Model:
    """A model over the Messages API. Raises ConfigError for an address or a key that cannot be used."""
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(
        api_key=_PLACEHOLDER,
        base_url=_url(choice),
        max_retries=0,
        default_headers={"anthropic-version": _ANTHROPIC_VERSION},
        open_telemetry=False,
        http_client=_http(choice, "x-api-key", "{}"),
    )
    return AnthropicModel(
        choice.name, provider=AnthropicProvider(anthropic_client=client), settings=settings_of(choice)
    )


def open_openai(choice: ModelChoice) -> Model:
    """A model over the chat completions API, OpenAI's own or that of a compatible server.

    Raises ConfigError for an address or a key that cannot be used.
    """
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    also = frozenset() if choice.url else _OPENAI_ACCOUNT
    client = AsyncOpenAI(
        api_key=_PLACEHOLDER,
        base_url=_url(choice),
        max_retries=0,
        http_client=_http(choice, "authorization", "Bearer {}", also),
    )
    provider: OpenAIProvider | OpenAICompatibleProvider = OpenAIProvider(openai_client=client)
    if choice.url:
        provider = OpenAICompatibleProvider("openai-compatible", openai_client=client)
    return OpenAIChatModel(choice.name, provider=provider, settings=settings_of(choice))


def open_google(choice: ModelChoice) -> Model:
    """A model over the Gemini API's generateContent. Raises ConfigError for an address or a key that cannot be used."""
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    client = _http(choice, "x-goog-api-key", "{}")
    provider = GoogleProvider(api_key=_PLACEHOLDER, base_url=_url(choice), http_client=client)
    return GoogleModel(choice.name, provider=provider, settings=settings_of(choice))


def settings_of(choice: ModelChoice) -> ModelSettings:
    """What holds for every request unless the agent says otherwise."""
    from pydantic_ai.settings import ModelSettings

    settings = ModelSettings(request_timeout=choice.timeout)
    if choice.temperature is not None:
        settings["temperature"] = choice.temperature
    return settings


def _url(choice: ModelChoice) -> str:
    return choice.url or _HOMES[choice.provider]


def _http(
    choice: ModelChoice, header: str, form: str, also: frozenset[str] = frozenset()
) -> httpx2.AsyncClient:
    key = _key(choice)
    manners = Manners(
        Address.of(_url(choice)),
        choice.timeout,
        credentials={header: form.format(key)} if key else {},
        key=key,
        also=also,
        shape=_SHAPES[choice.provider],
    )
    return httpx2.AsyncClient(
        transport=ModelTransport(manners), timeout=choice.timeout, follow_redirects=False, trust_env=False
    )


def _key(choice: ModelChoice) -> str:
    """The key that is sent, empty for none. Raises ConfigError where the provider's own address needs one."""
    names = () if choice.key or choice.url else KEYS[choice.provider]
    key = choice.key or next((os.environ[name] for name in names if os.environ.get(name)), "")
    if not key and not choice.url:
        raise ConfigError(f"{choice} needs a key", hint=f"set {names[0]}, or model.key: ${{env:…}}")
    return sendable(key)


def sendable(key: str) -> str:
    """The key. Raises ConfigError for one that HTTP cannot carry; it is not repeated."""
    if not (key.isascii() and key.isprintable()) or key != key.strip():
        raise ConfigError(
            "model.key: holds characters that HTTP cannot carry", hint="look for a line break at its end"
        )
    return key
