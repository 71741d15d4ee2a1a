"""A model that does not keep to the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pydantic_ai.messages import ModelResponsePart, TextPart, ToolCallPart

from andon.testing.characters.script import Character, Situation, call

__all__ = ["MALFORMATIONS", "Malformed"]

Say = Callable[[Situation], Sequence[ModelResponsePart]]

_WRONG_TYPES = {
    "hypotheses": [
        {"component": 7, "mechanism": None, "likelihood": "very", "evidence": "metrics-1:series.0"}
    ]
}
_ABSURD = {"component": "x" * 5000, "mechanism": "y", "likelihood": 17, "evidence": [{"ref": "z" * 900}] * 40}
_STRANGE = {"top": -3, "component": "\x00\u202e{}%s", "contains": "[", "unheard": [1]}

MALFORMATIONS: Mapping[str, Say] = {
    "no-json": lambda now: [ToolCallPart(now.output, "{hypotheses: [who knows")],
    "half-json": lambda now: [ToolCallPart(now.output, '{"hypotheses": [{"component": "a", "mech')],
    "list": lambda now: [ToolCallPart(now.output, "[1, 2, 3]")],
    "wrong-types": lambda now: [ToolCallPart(now.output, _WRONG_TYPES)],
    "beyond-bounds": lambda now: [now.conclude([_ABSURD] * 9)],
    "unknown-tool": lambda _: [call("run_shell", command="ls"), call("metrix", component="a")],
    "strange-arguments": lambda _: [
        call("metrics", **_STRANGE),
        call("log_lines"),
        call("series", ref="\x00"),
        call("row", ref="metrics-1:series.99999999999"),
        call("look_again", start="99:99", end="yesterday"),
        call("look_again", start="0001-01-01", end="0001-01-02"),
        call("look_again", start="9999-12-31T23:59:59+14:00"),
        call("disprove", component="", mechanism="", test=""),
    ],
    "empty": lambda _: [],
    "empty-text": lambda _: [TextPart("")],
    "prose": lambda _: [TextPart("The cause is clearly the database. I am done.")],
    "json-as-text": lambda _: [TextPart('{"hypotheses": [], "nothing": "all is well"}')],
    "deep": lambda now: [ToolCallPart(now.output, '{"hypotheses":' + "[" * 400 + "]" * 400 + "}")],
}
"""Ways to be malformed, each by its name."""


class Malformed(Character):
    """Answers in one malformed way for ever; with `then` it does its work from that turn on."""

    def __init__(self, way: str, then: Character | None = None, since: int = 1) -> None:
        super().__init__()
        self._say = MALFORMATIONS[way]
        self._then = then
        self._since = since

    def turn(self, now: Situation) -> Sequence[ModelResponsePart]:
        if self._then is None or now.turn < self._since:
            return self._say(now)
        return self._then.turn(now)
