"""What a change can do, read from its diff alone."""

from __future__ import annotations

from andon.analysis.code_changes.comparison import Comparison, compare
from andon.analysis.code_changes.contract_effects import contract_effects
from andon.analysis.code_changes.data_effects import data_effects
from andon.analysis.code_changes.diffs import parse_diff
from andon.analysis.code_changes.equivalence import innocent_effects, novelty, preserved
from andon.analysis.code_changes.file_roles import file_role
from andon.analysis.code_changes.kinds import INNOCENT, Effect, EffectKind, effect
from andon.analysis.code_changes.numeric_effects import numeric_effects
from andon.analysis.code_changes.resource_effects import resource_effects
from andon.analysis.code_changes.setting_effects import setting_effects
from andon.analysis.code_changes.statement_effects import CODE, statement_effects
from andon.telemetry import ChangeEvent

__all__ = ["effects"]

_DETECTORS = (
    statement_effects,
    numeric_effects,
    data_effects,
    resource_effects,
    contract_effects,
    setting_effects,
)
_MOST = 60
"""Effects kept of one change, strongest first."""


def effects(event: ChangeEvent) -> tuple[Effect, ...]:
    """What the change can do to a running system, strongest first, each effect with the lines that show it.

    Never empty: a change without a readable diff has the effect `unread`. The diff is untrusted text;
    time is linear in its length, which is bounded (see `diffs`).
    """
    diff = parse_diff(event.diff, event.files)
    comparison = compare(diff)
    files = tuple(dict.fromkeys([*event.files, *(hunk.file for hunk in diff.hunks if hunk.file)]))
    roles = [file_role(file) for file in files]
    found = [each for detect in _DETECTORS for each in detect(comparison)]
    innocent = list(innocent_effects(comparison, files, roles))
    found.extend(innocent)
    if not any(hunk.lines for hunk in diff.hunks):
        found.append(_unread(files, event))
    elif not any(each.kind not in INNOCENT for each in found):
        found.extend(_residual(comparison, innocent))
    if not found:
        found.append(_unread(files, event))
    return tuple(sorted(_distinct(found), key=lambda each: -each.strength)[:_MOST])


def _unread(files: tuple[str, ...], event: ChangeEvent) -> Effect:
    file = files[0] if files else event.target
    return Effect(EffectKind.UNREAD, 0.5, file, (), frozenset(), "no changed line to read")


def _residual(comparison: Comparison, innocent: list[Effect]) -> list[Effect]:
    """Code that changed in a way no detector knows, weaker the more of it reappears."""
    running = [line for line in (*comparison.removed, *comparison.added) if line.role in CODE]
    if not running or any(each.strength >= 0.85 for each in innocent):
        return []
    strength = 0.1 + 0.5 * (1.0 - preserved(comparison)) + 0.1 * novelty(comparison)
    return [effect(EffectKind.BEHAVIOUR_CHANGED, strength, "changed code", *running)]


def _distinct(found: list[Effect]) -> list[Effect]:
    """One effect of a kind for the same first line: the strongest."""
    best: dict[tuple[EffectKind, str, int], Effect] = {}
    for each in found:
        key = (each.kind, each.file, each.lines[0].number if each.lines else 0)
        if key not in best or best[key].strength < each.strength:
            best[key] = each
    return list(best.values())
