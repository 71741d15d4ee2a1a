"""A model whose connection breaks."""

from __future__ import annotations

from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse

from andon.testing.characters.competent import Competent

__all__ = ["Dying"]


class Dying(Competent):
    """Does its work for so many answers, and then raises what a client raises whose peer hangs up.

    `error` is raised as it is: give what the client of a provider raises to try that.
    """

    def __init__(self, after: int = 2, error: Exception | None = None) -> None:
        super().__init__()
        self._after = after
        self._error = error or ConnectionResetError(
            "peer closed connection without sending complete message body"
        )

    async def request(self, messages: list[ModelMessage], *given: Any) -> ModelResponse:
        if sum(isinstance(one, ModelResponse) for one in messages) >= self._after:
            self.asked += 1
            raise self._error
        return await super().request(messages, *given)
