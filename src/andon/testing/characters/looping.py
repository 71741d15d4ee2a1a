"""A model that asks the same thing for ever."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_ai.messages import ModelResponsePart

from andon.testing.characters.script import Character, Situation, call

__all__ = ["Looping"]


class Looping(Character):
    """Makes one and the same call whatever it is told, `times` in each turn."""

    def __init__(self, times: int = 1) -> None:
        super().__init__()
        self._times = times

    def turn(self, _now: Situation) -> Sequence[ModelResponsePart]:
        return [call("metrics", contains="cpu") for _ in range(self._times)]
