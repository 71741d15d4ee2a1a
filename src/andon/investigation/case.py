"""The case: everything that one look is about, once the tools have answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from andon.connectors import SourceInfo
from andon.investigation.findings import Findings
from andon.investigation.location import Location
from andon.investigation.question import Question
from andon.investigation.suspects import Suspect

__all__ = ["Case"]


@dataclass(frozen=True, slots=True)
class Case:
    """The question, what was found for it, where the symptom comes from, and who may be named, best first."""

    question: Question
    infos: Sequence[SourceInfo]
    findings: Findings
    location: Location
    suspects: tuple[Suspect, ...] = ()
