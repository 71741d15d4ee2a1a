"""A model that concludes without looking."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_ai.messages import ModelResponsePart

from andon.testing.characters.script import Character, Situation

__all__ = ["Lazy"]


class Lazy(Character):
    """Repeats the engine's leader at once, without evidence; sent back, it cites one row, and tests nothing."""

    def turn(self, now: Situation) -> Sequence[ModelResponsePart]:
        if not now.named:
            return [now.conclude([])]
        leader = now.named[0]
        rows = [line for line in leader.lines if line.measured and line.supports][:1] if now.turn else []
        proposal = {
            "component": leader.component,
            "mechanism": leader.mechanism,
            "change": leader.change,
            "likelihood": 0.9,
            "evidence": [{"ref": row.ref} for row in rows],
            "why": "It looks like that.",
        }
        return [now.conclude([proposal])]
