"""Whom the cases are put to: nobody but the engine, scripted characters, the model of this machine, any real model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from andon.errors import AndonError
from andon.investigation.agent.mind import Mind
from andon.llm.choice import ModelChoice, parse_choice
from andon.llm.failures import as_model_error
from andon.llm.guard import Access
from andon.llm.meter import Allowance, Meter
from andon.llm.prices import Prices, cost
from andon.llm.redaction import Redactor
from benchmarks.figures import Unmeasured, say

__all__ = ["ENGINE", "LOCAL", "SCRIPTED", "Thinker", "real", "thinkers", "tokenizer"]

ENGINE, LOCAL = "engine", "local"
SCRIPTED = ("competent", "hallucinating", "contrary")
_LITTLE = Allowance(requests=8, seconds=240.0)
"""What a model of this machine may spend on a case: it proves the way, and does not reason."""
_CHARACTERS = 3.5
"""Of a token, in English with names and numbers."""
_PATIENCE = 120.0
"""Seconds for the engine to start and count."""
_KEY = b"benchmark"
"""Of the pseudonyms: the same ones in each run, so that runs can be compared."""


@dataclass(frozen=True)
class Thinker:
    """A mind for each case, by a name; `mind` gives a fresh one for a seed, None where the engine is alone."""

    name: str
    mind: Callable[[int], Mind | None]


@contextmanager
def thinkers(names: tuple[str, ...]) -> Iterator[list[Thinker]]:
    """Those of these that can think here; the model of this machine is closed afterwards."""
    found = [Thinker(name, _scripted(name)) for name in names if name != LOCAL]
    model = _local() if LOCAL in names else None
    if model is not None:
        found.append(Thinker(LOCAL, lambda _: _mind(model, allowance=_LITTLE)))
    try:
        yield found
    finally:
        if model is not None:
            model.close()


def _scripted(name: str) -> Callable[[int], Mind | None]:
    if name == ENGINE:
        return lambda _: None
    from andon.testing.characters import Competent, Contrary, Hallucinating

    made: dict[str, Callable[[int], Any]] = {
        "competent": lambda _: Competent(),
        "hallucinating": Hallucinating,
        "contrary": lambda _: Contrary(),
    }
    return lambda seed: _mind(made[name](seed))


def _local() -> Any:
    """The model of this machine, None where there is none."""
    try:
        from andon.llm.local import open_local

        return open_local("smollm2")
    except (ImportError, AndonError) as error:
        say(f"agent: the local model is left out: {error}")
        return None


@contextmanager
def tokenizer() -> Iterator[tuple[Callable[[str], int], str]]:
    """How the tokens of a text are counted here, and by what: the tokenizer of this machine's model, or a rule of thumb."""
    model = _local()
    if model is None:
        yield lambda text: round(len(text) / _CHARACTERS), f"characters / {_CHARACTERS}"
        return

    async def counted(text: str) -> int:
        async with model.engine.turn(_PATIENCE) as turn:
            return len(await turn.tokens(text))

    try:
        yield lambda text: asyncio.run(counted(text)), "the local model's tokenizer"
    finally:
        model.close()


def real(text: str, *, samples: int, url: str = "", prices: Prices | None = None) -> Thinker:
    """A model by its name, such as anthropic:claude-…, its key from the environment. Raises Unmeasured."""
    from andon.llm.providers import open_model

    try:
        choice = ModelChoice(*parse_choice(text), url=url, prices=prices)
        model = open_model(choice)
    except AndonError as error:
        hint = getattr(error, "hint", "")
        raise Unmeasured(f"{error}" + (f" ({hint})" if hint and hint not in str(error) else "")) from error
    return Thinker(str(choice), lambda _: _mind(model, samples, choice))


def _mind(
    model: Any, samples: int = 1, choice: ModelChoice | None = None, allowance: Allowance | None = None
) -> Mind:
    access = Access(model, Meter(allowance or Allowance()), Redactor(_KEY))
    if choice is not None:
        access.price = lambda usage: cost(usage, choice.prices)
        access.explain = lambda error: as_model_error(error, choice)
    return Mind(access, samples)
