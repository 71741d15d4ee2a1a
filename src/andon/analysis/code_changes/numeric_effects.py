"""Effects of changed numbers: timeouts, retries, pools, limits, batches, schedules."""

from __future__ import annotations

from collections.abc import Iterator

from andon.analysis.code_changes.comparison import CodeLine, Comparison, Pair, Section
from andon.analysis.code_changes.file_roles import FileRole
from andon.analysis.code_changes.kinds import Effect, EffectKind, effect
from andon.analysis.code_changes.lexemes import setting, words
from andon.analysis.code_changes.quantities import Governs, Quantity, governed, quantities, share_changed

__all__ = ["numeric_effects"]

_LOWERED = {
    Governs.TIMEOUT: EffectKind.TIMEOUT_TIGHTENED,
    Governs.RETRY: EffectKind.RETRY_CHANGED,
    Governs.POOL: EffectKind.POOL_SHRUNK,
    Governs.LIMIT: EffectKind.LIMIT_LOWERED,
    Governs.BATCH: EffectKind.BATCH_REMOVED,
    Governs.CACHE: EffectKind.CACHE_REMOVED,
    Governs.SCHEDULE: EffectKind.SCHEDULE_CHANGED,
}
_RAISED = {
    Governs.TIMEOUT: EffectKind.TIMEOUT_LOOSENED,
    Governs.RETRY: EffectKind.RETRY_CHANGED,
    Governs.POOL: EffectKind.POOL_GROWN,
    Governs.LIMIT: EffectKind.LIMIT_RAISED,
    Governs.BATCH: EffectKind.LIMIT_RAISED,
    Governs.CACHE: EffectKind.LIMIT_RAISED,
    Governs.SAMPLING: EffectKind.LOG_VERBOSITY_RAISED,
    Governs.SCHEDULE: EffectKind.SCHEDULE_CHANGED,
}
_SETTINGS = (FileRole.CONFIG, FileRole.INFRASTRUCTURE)
_READ = (*_SETTINGS, FileRole.SOURCE, FileRole.SCHEMA, FileRole.MIGRATION, FileRole.OTHER, FileRole.BUILD)
_MEANINGLESS = frozenset(
    "version revision copyright date build color colour radius padding margin width height".split()
)


def numeric_effects(comparison: Comparison) -> Iterator[Effect]:
    """What numbers that rose, fell, appeared or went away can do."""
    for section in comparison.sections:
        if section.role not in _READ:
            continue
        for pair in section.pairs:
            yield from _changed(section, pair)
        paired = {id(line) for pair in section.pairs for line in (pair.before, pair.after)}
        for line in section.removed:
            if id(line) not in paired and section.deleted(line):
                yield from _dropped(section, line)
        for line in section.added:
            if id(line) not in paired:
                yield from _introduced(section, line, comparison)


def _changed(section: Section, pair: Pair) -> Iterator[Effect]:
    before, after = quantities(pair.before.code), quantities(pair.after.code)
    if len(before) != len(after):
        return
    names = _names(section, pair.after)
    if _MEANINGLESS & set(words(pair.after.code)):
        return
    for old, new in zip(before, after, strict=True):
        share = share_changed(old.value, new.value)
        if not share or old.unit != new.unit:
            continue
        governs = governed(names)
        if governs is Governs.OTHER and old.unit == "time":
            governs = Governs.TIMEOUT
        table = _LOWERED if _tighter(governs, old, new) else _RAISED
        kind = table.get(governs, EffectKind.CONFIG_VALUE_CHANGED)
        certain = 0.95 if kind is not EffectKind.CONFIG_VALUE_CHANGED else 0.5
        yield effect(kind, certain * share, f"{old.text} to {new.text}", pair.before, pair.after)


def _tighter(governs: Governs, old: Quantity, new: Quantity) -> bool:
    """Zero and below stand for unlimited or off where a limit is meant."""
    if governs in (Governs.TIMEOUT, Governs.LIMIT, Governs.POOL) and (old.value <= 0 or new.value <= 0):
        return new.value > old.value
    return new.value < old.value


def _dropped(section: Section, line: CodeLine) -> Iterator[Effect]:
    found = quantities(line.code)
    governs = governed(_names(section, line))
    timed = governs is Governs.OTHER and any(q.unit == "time" for q in found)
    if governs is Governs.TIMEOUT or timed:
        yield effect(EffectKind.TIMEOUT_LOOSENED, 0.8, "timeout removed", line)
    elif governs in (Governs.LIMIT, Governs.POOL) and found and _assigns(section, line):
        yield effect(EffectKind.LIMIT_REMOVED, 0.7, "limit removed", line)


def _introduced(section: Section, line: CodeLine, comparison: Comparison) -> Iterator[Effect]:
    """A limit where none was; one that already stood in the diff with another number is no new one."""
    found = [q for q in quantities(line.code) if q.value > 0]
    governs = governed(_names(section, line))
    known = {word for other in comparison.removed for word in other.words}
    if not found or not _assigns(section, line) or governed(known) is governs:
        return
    if governs is Governs.TIMEOUT:
        yield effect(EffectKind.TIMEOUT_TIGHTENED, 0.55, f"new timeout {found[0].text}", line)
    elif governs is Governs.LIMIT and not line.looped:
        yield effect(EffectKind.LIMIT_LOWERED, 0.5, f"new limit {found[0].text}", line)
    elif governs is Governs.RETRY:
        yield effect(EffectKind.RETRY_CHANGED, 0.55, f"retries {found[0].text}", line)
    elif governs is Governs.SCHEDULE:
        yield effect(EffectKind.SCHEDULE_CHANGED, 0.5, f"new schedule {found[0].text}", line)


def _assigns(section: Section, line: CodeLine) -> bool:
    """Whether the line sets or passes a value, rather than computing with one."""
    pair = setting(line.code)
    return bool(line.calls) or (
        pair is not None and (section.role in _SETTINGS or bool(quantities(pair[1])[:1]))
    )


def _names(section: Section, line: CodeLine) -> list[str]:
    """The words beside a number: of its line, and of the keys that it stands under in a settings file."""
    own = words(line.code)
    if section.role not in _SETTINGS or governed(own) is not Governs.OTHER:
        return own
    return own + [word for parent in parents(section, line) for word in words(parent)]


def parents(section: Section, line: CodeLine) -> list[str]:
    """The keys that enclose a line of an indented settings file, as far as the hunk shows them, nearest first."""
    above = [other for other in section.context if other.source.number < line.source.number]
    depth = _indent(line.code)
    keys = []
    for other in reversed(above):
        if _indent(other.code) < depth:
            depth = _indent(other.code)
            found = setting(other.code)
            if found:
                keys.append(found[0])
    return keys


def _indent(code: str) -> int:
    return len(code) - len(code.lstrip())
