"""Points in time: what the indices held when one was opened, until it is closed or nobody asked for too long.

Stricter than a real server, which seldom gives a new name: here each answer carries one, and the old is good no
longer. Another view may lie on another copy of the shards, where equal times come in another order: so does every second one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from andon.testing.imitations.elasticsearch.documents import Index
from andon.testing.imitations.elasticsearch.failures import Failure

__all__ = ["Views"]

_KEEP_ALIVE = re.compile(r"(\d+)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class _View:
    indices: tuple[Index, ...]
    ends: float


class Views:
    """All that are open; `lost_after` searches a view is forgotten, as when a node restarts (0: never)."""

    def __init__(self, now: Callable[[], float], lost_after: int = 0) -> None:
        self.now = now
        self.lost_after = lost_after
        self.opened = 0
        self._open: dict[str, _View] = {}
        self._names = 0
        self._searches = 0

    def __len__(self) -> int:
        return sum(view.ends > self.now() for view in self._open.values())

    def open(self, indices: Sequence[Index], keep_alive: str) -> str:
        self.opened += 1
        turn = -1 if self.opened % 2 == 0 else 1
        frozen = tuple(replace(index, documents=tuple(index.documents)[::turn]) for index in indices)
        return self._named(_View(frozen, self.now() + _seconds(keep_alive)))

    def search(self, pit: Any) -> tuple[tuple[Index, ...], str]:
        """The indices of a view, and its name from now on. Raises Failure when it is not there any more."""
        if not isinstance(pit, dict) or not isinstance(pit.get("id"), str):
            raise Failure("x_content_parse_exception", "[pit] Required [id]")
        view = self._open.pop(pit["id"], None)
        self._searches += 1
        if self.lost_after and self._searches == self.lost_after:
            view = None
        if view is None or view.ends <= self.now():
            reason = f"No search context found for id [{pit['id']}]"
            raise Failure("search_context_missing_exception", reason, 404, phase=True)
        ends = self.now() + _seconds(pit["keep_alive"]) if "keep_alive" in pit else view.ends
        return view.indices, self._named(_View(view.indices, ends))

    def close(self, names: Sequence[str]) -> int:
        """How many of them were open."""
        return sum(self._open.pop(name, None) is not None for name in names)

    def _named(self, view: _View) -> str:
        self._names += 1
        name = f"{self._names:08d}-view"
        self._open[name] = view
        return name


def _seconds(text: Any) -> float:
    match = _KEEP_ALIVE.fullmatch(str(text))
    if match is None:
        raise Failure(
            "illegal_argument_exception", f"failed to parse setting [keep_alive] with value [{text}]"
        )
    return int(match[1]) * _SECONDS[match[2]]
