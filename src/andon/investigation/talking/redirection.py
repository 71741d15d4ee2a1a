"""Redirections: what an engineer says becomes a change of the question.

How words are read stands in `reading`; here is what a redirection is, what it does to a question, and how it is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from andon.errors import UsageError
from andon.investigation.question import Question
from andon.investigation.report import SymptomKind
from andon.telemetry import Window, clock

__all__ = ["KINDS", "Kind", "Reading", "Redirection", "apply", "described"]

Kind = Literal["pin", "exclude", "also", "clear", "doubt", "window", "symptom", "fact"]
KINDS: tuple[Kind, ...] = ("pin", "exclude", "also", "clear", "window", "symptom", "fact")
"""Those that may be proposed; a doubt takes back what was said, so only words that are read for sure make one."""


@dataclass(frozen=True, slots=True)
class Redirection:
    """One change of the question.

    `targets` are ids of elements (pin, exclude, also, symptom) or of the events of one change (clear, doubt, and
    a fact that says that a change was undone); `names` are how people call them. `start` and `end` (Unix seconds) bound a
    window; of a change, `start` is when it was undone. `words` is what the engineer said.
    """

    kind: Kind
    targets: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    start: float | None = None
    end: float | None = None
    words: str = ""
    symptom: SymptomKind | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text redirects, in order, and what has to be asked back before more can be understood."""

    redirections: tuple[Redirection, ...] = ()
    asks: tuple[str, ...] = ()


def apply(question: Question, redirections: Sequence[Redirection]) -> Question:
    """The question as the redirections leave it; of two that contradict each other the later one holds. Raises UsageError."""
    for one in redirections:
        question = question.with_(_asked(one))
    return question


def _asked(one: Redirection) -> Question:
    """What a single redirection states."""
    match one.kind:
        case "pin":
            return Question("", pins=one.targets)
        case "exclude":
            return Question("", exclude=one.targets)
        case "also":
            return Question("", also=one.targets)
        case "doubt":
            return Question("", doubted=one.targets)
        case "symptom":
            return Question(one.words, components=one.targets, kind=one.symptom)
        case "window" if one.start is not None and one.end is not None:
            return Question("", incident=Window(one.start, one.end))
        case "clear" | "fact":
            undone = ((one.targets[0], one.start),) if one.targets and one.start is not None else ()
            facts = (one.words,) if one.kind == "fact" or undone else ()
            return Question(
                "", cleared=one.targets if one.kind == "clear" else (), undone=undone, facts=facts
            )
    raise UsageError(f"a redirection of the kind {one.kind} lacks what it needs")


def described(redirections: Sequence[Redirection], before: Question) -> tuple[str, ...]:
    """What each redirection was understood as, in words, and what it takes back of what was said before."""
    told = []
    for one in redirections:
        told.append(_described(one) + _taken_back(one, before))
        before = apply(before, [one])
    return tuple(told)


def _described(one: Redirection) -> str:
    what = ", ".join(one.names)
    undone = f"; it was undone at {clock(one.start)} UTC" if one.targets and one.start is not None else ""
    match one.kind:
        case "pin":
            return f"look at {what} first"
        case "exclude":
            return f"{what} is not the cause"
        case "also":
            return f"it is felt at {what} too"
        case "symptom":
            kind = f", {one.symptom}" if one.symptom else ""
            return f"the symptom is felt at {what}{kind}"
        case "clear":
            return f"harmless: {what}{undone}"
        case "doubt":
            return f"not harmless: {what}"
        case "window" if one.start is not None and one.end is not None:
            return f"the incident is {clock(one.start)} to {clock(one.end)} UTC"
    return f"a fact from you, no evidence: “{one.words}”" + (f" ({what}{undone})" if what else "")


def _taken_back(one: Redirection, before: Question) -> str:
    """What of the question the redirection overrules."""
    held = {
        "pin": before.exclude, "also": before.exclude, "symptom": before.exclude,
        "exclude": (*before.pins, *before.also), "doubt": before.cleared, "clear": before.doubted,
    }.get(one.kind, ())  # fmt: skip
    if not set(held) & set(one.targets):
        return ""
    return " (you had said the opposite before; this holds now)"
