"""A model that does its work: it reads, asks, tries to disprove, cites what it read, and mends what is sent back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_ai.messages import ModelResponsePart

from andon.testing.characters.script import Character, Line, Named, Situation, call

__all__ = ["Competent"]

_CITED = 6
"""Rows that it cites for a hypothesis."""
_TEST = re.compile(r"call disprove for (\S+), (\S+) before")


class Competent(Character):
    """Follows the engine's ranking with evidence of its own reading.

    It asks about the leader in parallel, tries to disprove it, and says of the rows what they say. A row or sentence
    that is sent back it leaves out.
    """

    def turn(self, now: Situation) -> Sequence[ModelResponsePart]:
        if not now.named:
            return [now.conclude([], "Nothing is beyond chance.")]
        leader = now.named[0]
        missing = next((m for why in now.objections if (m := _TEST.search(why))), None)
        if now.turn == 0:
            where = leader.component
            return [
                call("metrics", component=where),
                call("logs", component=where),
                call("traces"),
                call("changes"),
            ]
        if now.turn == 1 or missing is not None:
            return [_test(missing[1], missing[2], now) if missing else _test(leader.component, "", now)]
        return [now.conclude([_proposal(one, now) for one in now.named[:3] if any(_cited(one, now))])]


def _test(component: str, mechanism: str, now: Situation) -> ModelResponsePart:
    one = next(
        (n for n in now.named if n.component == component and mechanism in ("", n.mechanism)), now.named[0]
    )
    return call(
        "disprove", component=one.component, mechanism=one.mechanism, change=one.change, test="elsewhere"
    )


def _proposal(one: Named, now: Situation) -> dict[str, Any]:
    rows = list(_cited(one, now))
    told = [row for row in rows if row.supports and not _objected(row.text, now)]
    return {
        "component": one.component,
        "mechanism": one.mechanism,
        "change": one.change,
        "likelihood": one.likelihood,
        "evidence": [{"ref": row.ref, "supports": row.supports, "says": row.text} for row in rows],
        "why": " ".join(f"{row.text.rstrip('.')}." for row in told[:2]),
    }


def _cited(one: Named, now: Situation) -> Iterator[Line]:
    """The rows of the prompt, and those that a tool told of the same component."""
    told = {line.ref: line for line in one.lines}
    told |= {line.ref: line for line in now.lines if one.component in line.text or one.name in line.text}
    kept = [line for line in told.values() if not _objected(line.ref, now)]
    yield from [line for line in kept if not line.id or line.id == one.change][:_CITED]


def _objected(text: str, now: Situation) -> bool:
    """Whether what was sent back speaks of a row or a sentence, of which it tells the first words."""
    return any(text in why or text[:60] in why for why in now.objections)
