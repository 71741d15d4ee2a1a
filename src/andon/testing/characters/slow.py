"""A model that takes longer than it may."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse

from andon.testing.characters.competent import Competent

__all__ = ["Slow"]


class Slow(Competent):
    """Does its work, and sleeps so many seconds before each answer, from the turn on that is given."""

    def __init__(self, seconds: float, since: int = 0) -> None:
        super().__init__()
        self._seconds = seconds
        self._since = since

    async def request(self, messages: list[ModelMessage], *given: Any) -> ModelResponse:
        if sum(isinstance(one, ModelResponse) for one in messages) >= self._since:
            await asyncio.sleep(self._seconds)
        return await super().request(messages, *given)
