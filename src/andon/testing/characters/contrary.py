"""A model that tells the truth about rows and names the wrong cause: what a wrong vote costs."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_ai.messages import ModelResponsePart

from andon.testing.characters.script import Character, Named, Situation, call

__all__ = ["Contrary"]

_CITED = 6


class Contrary(Character):
    """Never agrees with the engine: it names its second, or a component that it does not name, with all likelihood.

    With `spiteful` it also tries to bring the leader down: by tests that are made to fail, and by looking again as
    if the symptom were felt at its own candidate.
    """

    def __init__(self, *, spiteful: bool = False) -> None:
        super().__init__()
        self._spiteful = spiteful

    def turn(self, now: Situation) -> Sequence[ModelResponsePart]:
        other = _other(now)
        if other is None:
            return [now.conclude([])]
        if now.turn == 0:
            where = other.component
            return [
                call("metrics", component=where, top=20),
                call("logs", component=where, top=20),
                call("traces", component=where, top=20),
                *(self._spite(now, other) if self._spiteful else ()),
            ]
        if now.turn == 1:
            test = {"component": other.component, "mechanism": other.mechanism, "change": other.change}
            return [call("disprove", **test, test="demand")]
        rows = [line for line in (*other.lines, *now.lines) if line.measured and line.supports]
        cited = list({row.ref: row for row in rows if other.lines or _speaks_of(row.text, other)}.values())
        return [
            now.conclude(
                [
                    {
                        "component": other.component,
                        "mechanism": other.mechanism,
                        "change": other.change,
                        "likelihood": 1.0,
                        "evidence": [{"ref": row.ref, "says": row.text} for row in cited[:_CITED]],
                        "why": " ".join(f"{row.text.rstrip('.')}." for row in cited[:2]),
                    }
                ]
            )
        ]

    def _spite(self, now: Situation, other: Named) -> Sequence[ModelResponsePart]:
        found: list[ModelResponsePart] = [call("look_again", symptom_at=other.component)]
        for leader in now.named[:1]:
            named = {
                "component": leader.component,
                "mechanism": leader.mechanism,
                "change": leader.change,
            }
            found += [call("disprove", **named, test=test) for test in ("elsewhere", "demand", "peers")]
            found.append(call("disprove", **named, test="signal", contains="nothing of that name"))
        return found


def _other(now: Situation) -> Named | None:
    """Somebody else than the engine's leader; nobody where the engine names nobody."""
    if not now.named:
        return None
    leader = now.named[0]
    for one in now.named[1:]:
        if one.component != leader.component:
            return one
    rest = [component for component in now.components if component != leader.component]
    return Named(rest[0], rest[0], leader.mechanism, "", 1.0, ()) if rest else None


def _speaks_of(text: str, other: Named) -> bool:
    return other.component.casefold() in text.casefold() or other.name.casefold() in text.casefold()
