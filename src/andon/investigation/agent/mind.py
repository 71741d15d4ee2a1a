"""A mind: a model as the loop uses it, and what it may ask besides the desk. Loads nothing that drives models."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from andon.llm.guard import Access

__all__ = ["Lent", "Mind"]


@dataclass(frozen=True, slots=True)
class Lent:
    """A tool that another program lends: name, description, JSON schema of its arguments, and how it is called.

    `call` gives text for the model, with references to the observation that the answer became.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    call: Callable[[Mapping[str, Any]], Awaitable[str]]


@dataclass(frozen=True)
class Mind:
    """A model and how it is to be used: `samples` independent investigations, the search of documents, tools lent by others."""

    access: Access
    samples: int = 1
    temperature: float | None = None
    consult: Callable[[str], str] | None = None
    lent: Sequence[Lent] = ()
