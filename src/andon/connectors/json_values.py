"""Reading JSON of others: what is not of the expected type counts as not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["part_of", "text_in"]


def part_of(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under a key, empty where there is none."""
    value = entry.get(key)
    return value if isinstance(value, dict) else {}


def text_in(entry: Mapping[str, Any], key: str) -> str:
    """The text under a key, empty where there is none."""
    value = entry.get(key)
    return value if isinstance(value, str) else ""
