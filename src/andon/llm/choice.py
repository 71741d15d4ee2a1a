"""Which language model is asked: `anthropic:claude-…` in words, and everything that a client of it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType

from andon.errors import ConfigError
from andon.llm.prices import Prices

__all__ = ["KEYS", "PROVIDERS", "TIMEOUT", "ModelChoice", "hide", "parse_choice"]

TIMEOUT = 120.0
"""Seconds for a request, unless stated."""

PROVIDERS = ("anthropic", "openai", "bedrock", "google", "local")
"""What may stand before the colon. `openai` is also how every compatible server is named, with its `url`."""

KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "anthropic": ("ANTHROPIC_API_KEY",),
        "openai": ("OPENAI_API_KEY",),
        "bedrock": ("AWS_BEARER_TOKEN_BEDROCK",),
        "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        "local": (),
    }
)
"""The environment variables that hold a provider's key, the first one first. They count only where the config
names neither a key nor an address: a key never goes to another address than its provider's own."""

_SECRET = 8
"""Characters of a key from which on it is one: servers without keys are given `EMPTY` or `x`, which are words too."""
_EXAMPLE = "write provider:model, such as anthropic:claude-sonnet-5-5; providers: " + ", ".join(PROVIDERS)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One model at one address; `key` is the secret's value and never part of the repr.

    `url` is another address than the provider's own: a compatible server, a gateway, a private endpoint.
    `region` and `profile` are AWS's, for `bedrock`. `timeout` is how many seconds a request may take with all
    its retries. `prices` are dollars per million tokens, None where nobody stated them.
    """

    provider: str
    name: str
    url: str = ""
    key: str = field(default="", repr=False)
    region: str = ""
    profile: str = ""
    temperature: float | None = None
    timeout: float = TIMEOUT
    prices: Prices | None = None

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"


def hide(text: str, *keys: str) -> str:
    """The text without these keys; what is too short to be a secret stays."""
    for key in keys:
        text = text.replace(key, "[key]") if len(key) >= _SECRET else text
    return text


def parse_choice(text: str) -> tuple[str, str]:
    """`anthropic:claude-…` as provider and name; what follows the first colon is the name, colons and all.

    `local:` needs no name. Raises ConfigError when there is no name, no provider, or none that is known.
    """
    provider, colon, name = (part.strip() for part in text.strip().partition(":"))
    if provider not in PROVIDERS:
        near = get_close_matches(provider.lower(), PROVIDERS, n=1, cutoff=0.6)
        meant = f'did you mean "{near[0]}:{name or "…"}"? ' if near else ""
        said = f'"{provider}" is not a provider of models' if colon else f'"{text}" names no provider'
        raise ConfigError(f"model: {said}", hint=meant + _EXAMPLE)
    if not name and provider != "local":
        raise ConfigError(f'model: "{text}" names no model', hint=_EXAMPLE)
    if not name.isprintable():
        raise ConfigError(f"model: the name after {provider}: cannot be printed", hint=_EXAMPLE)
    return provider, name
