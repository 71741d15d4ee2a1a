"""A model that makes things up, between things that are true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from pydantic_ai.messages import ModelResponsePart

from andon.testing.characters.lies import (
    BLATANT,
    SUBTLE,
    Lie,
    Material,
    invented_name,
    invented_number,
)
from andon.testing.characters.script import Character, Line, Named, Situation, call

__all__ = ["Hallucinating"]

_LOOKS_AGAIN = 0.05
"""The part of its conversations in which it has the engine look as if the symptom were felt elsewhere."""
_SENTENCES = 6
"""Sentences of a hypothesis, where there is room."""
_ROOM, _SHORT = 690, 200
"""Characters of all sentences, and of one that is preferred."""
_TWISTED = 0.7
"""The part of false sentences that twist a true line; the others are inventions."""


class Hallucinating(Character):
    """Lies in ways that `seed` chooses, and insists on most of it when it is sent back.

    It repeats the engine's leader with false words, names causes that there are not, cites rows that there are not,
    rows of others and true rows with false words, and searches and tests for invented things. `honesty` is the part of
    its rows and sentences that are true: the more of them, the harder it is to see the lies. `planted` are its lies,
    `truths` the true sentences that stand between them.
    """

    def __init__(self, seed: int, honesty: float = 0.3) -> None:
        super().__init__()
        self._honesty = honesty
        self._chance = Random(seed)
        self.planted: list[Lie] = []
        self.truths: list[str] = []

    def turn(self, now: Situation) -> Sequence[ModelResponsePart]:
        if now.turn == 0:
            return list(self._questions(now))
        if now.turn == 1:
            return list(self._tests(now))
        return [now.conclude(list(self._proposals(now)))]

    def _questions(self, now: Situation) -> Iterator[ModelResponsePart]:
        word = self._invented("searched")
        yield from (call("traces", top=20), call("logs", top=20), call("metrics", top=20), call("changes"))
        yield call("log_lines", text=word)
        yield call("metrics", component=word)
        yield call("series", ref=f"metrics-1:series.{invented_number(self._chance)}")
        if now.components and self._chance.random() < _LOOKS_AGAIN:
            yield call("look_again", symptom_at=self._chance.choice(now.components))

    def _tests(self, now: Situation) -> Iterator[ModelResponsePart]:
        for one in now.named[:2]:
            named = {"component": one.component, "mechanism": one.mechanism, "change": one.change}
            yield call("disprove", **named, test=self._chance.choice(("elsewhere", "demand", "order")))
            yield call("disprove", **named, test="signal", contains=self._invented("tested"))
        yield call("disprove", component=self._invented("tested"), mechanism="other", test="elsewhere")

    def _proposals(self, now: Situation) -> Iterator[dict[str, Any]]:
        """The leader with false words, the leader bent, and pure inventions."""
        for one in now.named[:2]:
            yield self._proposal(now, one.component, one.mechanism, one.change, one)
        leader = now.named[0] if now.named else None
        if self._chance.random() > self._honesty:
            yield self._proposal(now, self._invented("named"), "other", "", leader)
        if leader is not None and self._chance.random() > self._honesty:
            kind = self._chance.randrange(3)
            change = f"deploy-{invented_number(self._chance)}" if kind == 0 else leader.change
            mechanism = self._invented("mechanism") if kind == 1 else leader.mechanism
            elsewhere = [name for name in now.components if name != leader.component]
            component = self._chance.choice(elsewhere) if kind == 2 and elsewhere else leader.component
            if kind == 0:
                self.planted.append(Lie("change named", change))
            yield self._proposal(now, component, mechanism, change, leader)

    def _proposal(
        self, now: Situation, component: str, mechanism: str, change: str, one: Named | None
    ) -> dict[str, Any]:
        """Rows that stand (with true, without or with false words), rows that do not, and a mixture of sentences."""
        lines = [line for line in (one.lines if one else now.lines) if line.supports] or list(now.lines)
        cited = [{"ref": line.ref, "says": self._says(line, now)} for line in lines[:5]]
        false = [
            {"ref": f"metrics-{self._chance.randint(1, 99)}:series.{invented_number(self._chance)}"},
            {"ref": "infrastructure-1:events.0", "says": f"{invented_name(self._chance)} restarted"},
            *(
                {"ref": line.ref, "says": line.text}
                for line in self._chance.sample(now.lines, min(1, len(now.lines)))
            ),
        ]
        cited += [one for one in false if self._chance.random() > self._honesty]
        self._chance.shuffle(cited)
        return {
            "component": component,
            "mechanism": mechanism,
            "change": change,
            "likelihood": round(self._chance.random(), 2),
            "evidence": cited[:8],
            "why": self._why(now, [line for line in now.lines if line.ref in {c["ref"] for c in cited}]),
        }

    def _says(self, line: Line, now: Situation) -> str:
        if self._chance.random() > self._honesty:
            lie = self._twisted(line, now)
            return lie.text if lie else ""
        return self._chance.choice((line.text, ""))

    def _why(self, now: Situation, cited: Sequence[Line]) -> str:
        """Some true sentences, some twisted, some invented, in any order, as far as there is room."""
        told: list[str] = []
        lines = [line for line in cited if len(line.text) < _SHORT] or list(cited)
        for _ in range(_SENTENCES):
            line = self._chance.choice(lines) if lines else None
            lie: Lie | None = None
            if line is not None and self._chance.random() < self._honesty:
                sentence = _ended(line.text)
            elif line is not None and self._chance.random() < _TWISTED:
                lie = self._twisted(line, now)
                sentence = lie.text if lie else ""
            else:
                lie, sentence = self._invention(self._chance.choice(now.components or ("it",)))
            if not sentence or sum(map(len, told)) + len(told) + len(sentence) > _ROOM:
                continue
            told.append(sentence)
            if lie is None:
                self.truths.append(sentence)
            else:
                self.planted.append(lie)
        return " ".join(told)

    def _twisted(self, line: Line, now: Situation) -> Lie | None:
        """A true line made false in one of the ways that fit it."""
        names = tuple(dict.fromkeys((*now.components, *(one.name for one in now.named))))
        material = Material(self._chance, now.lines, names)
        true = {one.text.casefold() for one in now.lines}
        for kind in self._chance.sample(sorted(SUBTLE), len(SUBTLE)):
            text = SUBTLE[kind](line, material)
            if text is not None and text.casefold() not in true:
                return Lie(kind, _ended(text))
        return None

    def _invention(self, name: str) -> tuple[Lie, str]:
        kind = self._chance.choice(sorted(BLATANT))
        token, sentence = BLATANT[kind](self._chance, name)
        return Lie(f"invented {kind}", sentence if kind == "time" else token), sentence

    def _invented(self, kind: str) -> str:
        word = invented_name(self._chance)
        self.planted.append(Lie(f"invented {kind}", word))
        return word


def _ended(text: str) -> str:
    """A sentence of a line: with a capital, so that what stands before it ends, and a full stop."""
    plain = text.rstrip(".")
    return plain[:1].upper() + plain[1:] + "."
