"""Hiding: what everything that leaves the process for a model or a webhook passes."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Hiding", "Unhidden"]


class Hiding(Protocol):
    """What hides secrets and personal data in whatever is sent, and puts names back."""

    def hide_value(self, value: Any) -> Any: ...

    def show_value(self, value: Any) -> Any: ...


class Unhidden:
    """Hides nothing: for models in tests that send nothing anywhere."""

    def hide_value(self, value: Any) -> Any:
        return value

    def show_value(self, value: Any) -> Any:
        return value
