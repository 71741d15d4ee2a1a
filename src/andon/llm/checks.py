"""Checks of a choice of model that cost nothing: before a run is begun, and without loading what drives models."""

from __future__ import annotations

import os
from importlib.util import find_spec

from andon.config import is_offline
from andon.errors import ConfigError, MissingExtra, ModelError
from andon.llm.choice import KEYS, ModelChoice
from andon.llm.failures import OFFLINE_HINT

__all__ = ["require"]

_LIBRARIES = {
    "anthropic": ("pydantic_ai", "anthropic"),
    "bedrock": ("pydantic_ai", "boto3"),
    "google": ("pydantic_ai", "google.genai"),
    "local": ("pydantic_ai", "xllamacpp"),
    "openai": ("pydantic_ai", "openai"),
}


def require(choice: ModelChoice) -> None:
    """Raises MissingExtra where a library is not installed, ConfigError where there is no key, ModelError when offline.

    Nothing is sent, and what it finds right may still fail when it is asked.
    """
    lacking = [name for name in _LIBRARIES[choice.provider] if not _installed(name)]
    if lacking:
        extra = "local" if choice.provider == "local" else "llm"
        raise MissingExtra(
            f"{choice} needs {lacking[0]}, which is not installed", hint=f"pip install 'andon[{extra}]'"
        )
    if choice.provider == "local":
        return
    if is_offline():
        raise ModelError(f"ANDON_OFFLINE forbids requests to {choice}", hint=OFFLINE_HINT)
    names = KEYS[choice.provider]
    if (
        choice.provider == "bedrock"
        or choice.key
        or choice.url
        or any(os.environ.get(name) for name in names)
    ):
        return
    raise ConfigError(f"{choice} needs a key", hint=f"set {names[0]}, or model.key: ${{env:…}}")


def _installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # The package around it is not there.
        return False
