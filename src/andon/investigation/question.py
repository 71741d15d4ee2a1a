"""The question: what someone says is wrong, and whatever they settled themselves."""

from __future__ import annotations

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
    an engineer knows to be harmless, `facts` what else an engineer stated, in sentences.
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
