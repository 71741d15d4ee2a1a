"""When the items of a request were, and which of them are refused since they do not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Moments"]


@dataclass(slots=True)
class Moments:
    """Items that say when they were and items that were refused; the earliest and the latest moment (Unix seconds)."""

    items: int = 0
    refused: int = 0
    first: float = float("inf")
    last: float = float("-inf")

    def settle(self, items: Any, times: Sequence[float], scale: float = 1.0) -> None:
        """Counts items of these times, in units of 1/`scale` seconds; those without one (0, NaN) are taken out of `items`."""
        known = times if all(time > 0 for time in times) else self._refuse(items, times)
        if known:
            self.items += len(known)
            self.first = min(self.first, min(known) / scale)
            self.last = max(self.last, max(known) / scale)

    def _refuse(self, items: Any, times: Sequence[float]) -> list[float]:
        kept = [item for item, time in zip(items, times, strict=True) if time > 0]
        self.refused += len(times) - len(kept)
        del items[:]
        items.extend(kept)
        return [time for time in times if time > 0]
