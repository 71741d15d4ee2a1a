"""What a service that works answers when it says no."""

from __future__ import annotations

__all__ = ["RefusalError"]


class RefusalError(Exception):
    """An answer of 4xx."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
