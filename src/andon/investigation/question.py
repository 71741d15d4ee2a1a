"""The question: what someone says is wrong, and whatever they settled themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from andon.investigation.report import SymptomKind
from andon.telemetry import Window

__all__ = ["Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """Words, and what overrides andon's own reading of them.

    `components` and `kind` replace what would be read from the text; `incident` and `baseline` what
    would be found in the data. `exclude` are components that are not to be named, `pins` components to
    be looked at first, `also` further components at which the symptom is felt. `cleared` are ids of changes that
    an engineer knows to be harmless, `facts` what else an engineer stated, in sentences. `undone` are ids of changes
    that were taken back, and when (Unix seconds), `doubted` ids of changes that are no longer taken for harmless.
    """

    text: str
    components: tuple[str, ...] = ()
    kind: SymptomKind | None = None
    incident: Window | None = None
    baseline: Window | None = None
    exclude: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    undone: tuple[tuple[str, float], ...] = ()
    doubted: tuple[str, ...] = ()

    def with_(self, more: Question) -> Question:
        """This question with what another one states: lists grow, single values are replaced.

        What is looked at is not excluded any more, and what is excluded not looked at: the later word holds.
        """
        named = {*more.pins, *more.also, *more.components}
        return Question(
            text=more.text or self.text,
            components=_without(more.components or self.components, more.exclude),
            kind=more.kind or self.kind,
            incident=more.incident or self.incident,
            baseline=more.baseline or self.baseline,
            exclude=_both(_without(self.exclude, named), more.exclude),
            pins=_both(_without(self.pins, more.exclude), more.pins),
            also=_both(_without(self.also, more.exclude), more.also),
            cleared=_both(_without(self.cleared, more.doubted), more.cleared),
            facts=_both(self.facts, more.facts),
            undone=tuple(dict((*self.undone, *more.undone)).items()),
            doubted=_both(_without(self.doubted, more.cleared), more.doubted),
        )


def _both(first: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *more)))


def _without(held: tuple[str, ...], gone: Iterable[str]) -> tuple[str, ...]:
    left = set(gone)
    return tuple(one for one in held if one not in left)
