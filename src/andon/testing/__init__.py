"""Fakes that ship with the product, for our tests and for those who extend it.

Only tests import this room. Scripted models (`characters`) are loaded when they are asked for: they need the extra `llm`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from andon.testing.imitation import Asked, Fault, Imitation, Told, json_told
from andon.testing.memory_connector import MemoryConnector
from andon.testing.memory_source import MemorySource

if TYPE_CHECKING:
    from andon.testing.characters import (
        Character,
        Competent,
        Contrary,
        Dying,
        Hallucinating,
        Lazy,
        Looping,
        Malformed,
        Obedient,
        Slow,
    )

__all__ = [
    "Asked",
    "Character",
    "Competent",
    "Contrary",
    "Dying",
    "Fault",
    "Hallucinating",
    "Imitation",
    "Lazy",
    "Looping",
    "Malformed",
    "MemoryConnector",
    "MemorySource",
    "Obedient",
    "Slow",
    "Told",
    "json_told",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from andon.testing import characters

    return getattr(characters, name)
