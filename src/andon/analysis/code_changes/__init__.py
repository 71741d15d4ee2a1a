"""What a code or configuration change can do, and whether it can have produced a given fault.

Knows diffs, the roles of files, the effects of changes, the symptoms of faults, and which effects
produce which symptoms. Reads text only: runs nothing, asks no model, knows no repository.
`rank` orders candidate changes; the first one is to be blamed only when it is `convicted`.
"""

from andon.analysis.code_changes.diffs import Diff, DiffLine, Hunk, Side, parse_diff
from andon.analysis.code_changes.effects import effects
from andon.analysis.code_changes.file_roles import FileRole, file_role, non_production
from andon.analysis.code_changes.kinds import INNOCENT, Effect, EffectKind, QuotedLine
from andon.analysis.code_changes.plausibility import (
    CONVICTION,
    Judged,
    Plausibility,
    Reason,
    plausibility,
    rank,
)
from andon.analysis.code_changes.symptoms import OPERATIONAL, FaultSignature, MetricShift, SymptomKind

__all__ = [
    "CONVICTION",
    "INNOCENT",
    "OPERATIONAL",
    "Diff",
    "DiffLine",
    "Effect",
    "EffectKind",
    "FaultSignature",
    "FileRole",
    "Hunk",
    "Judged",
    "MetricShift",
    "Plausibility",
    "QuotedLine",
    "Reason",
    "Side",
    "SymptomKind",
    "effects",
    "file_role",
    "non_production",
    "parse_diff",
    "plausibility",
    "rank",
]
