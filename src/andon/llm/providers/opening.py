"""From a choice to a model that is ready to be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from andon.errors import ConfigError, MissingExtra, ModelError
from andon.llm.choice import PROVIDERS, TIMEOUT, ModelChoice
from andon.llm.failures import OFFLINE_HINT
from andon.llm.providers.address import forbidden, offline

if TYPE_CHECKING:
    from pydantic_ai.models import Model

__all__ = ["open_model"]


def open_model(choice: ModelChoice) -> Model:
    """The model, which has not been asked anything yet.

    Raises MissingExtra where the provider's client library is not installed, ConfigError for an address, a key or a
    region that cannot be used, and ModelError when ANDON_OFFLINE is set: then only `local`, which runs in this
    process and sends nothing, is opened. A server on this machine is asked over a network all the same.
    """
    if choice.provider not in PROVIDERS:
        raise ConfigError(
            f'model: "{choice.provider}" is not a provider of models', hint=", ".join(PROVIDERS)
        )
    if not choice.timeout > 0:
        raise ConfigError("model.timeout: expected seconds above 0")
    if choice.provider == "local":
        return _local(choice)
    if offline():
        raise ModelError(forbidden(choice), hint=OFFLINE_HINT)
    try:
        return _remote(choice)
    except ImportError as error:
        raise MissingExtra(
            f"{choice} needs {error.name or 'a library'}, which is not installed",
            hint="pip install 'andon[llm]'",
        ) from error


def _remote(choice: ModelChoice) -> Model:
    from andon.llm.providers.bedrock import open_bedrock
    from andon.llm.providers.clients import open_anthropic, open_google, open_openai

    openers = {
        "anthropic": open_anthropic,
        "openai": open_openai,
        "google": open_google,
        "bedrock": open_bedrock,
    }
    return openers[choice.provider](choice)


def _local(choice: ModelChoice) -> Model:
    from andon.llm.local import open_local

    if choice.url or choice.key:
        raise ConfigError(
            f"{choice} runs in this process: it has no url and no key",
            hint="name a server on this machine openai:…, with its url",
        )
    from pydantic_ai.settings import ModelSettings

    settings = ModelSettings()
    if choice.temperature is not None:
        settings["temperature"] = choice.temperature
    if choice.timeout != TIMEOUT:
        settings["timeout"] = choice.timeout
    return open_local(choice.name, settings=settings)
