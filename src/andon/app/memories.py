"""What is remembered: the verdicts of engineers in the store, as far as they name a cause."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from andon.investigation.memory import Memory
from andon.storage import Store
from andon.storage.verdicts import kept_verdicts

__all__ = ["memories"]

_MEMORY = TypeAdapter(Memory)


def memories(store: Store) -> tuple[Memory, ...]:
    """The incidents that were judged and whose cause is known, oldest first; what cannot be read is left out."""
    found = []
    for verdict in kept_verdicts(store):
        memory = _read(verdict.body)
        if memory is not None and memory.component:
            found.append(memory)
    return tuple(found)


def _read(body: Any) -> Memory | None:
    try:
        memory: Memory = _MEMORY.validate_python(body)
    except ValidationError:
        return None
    return memory
