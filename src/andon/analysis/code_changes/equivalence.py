"""Innocent effects: changes that keep behaviour, and files that do not run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from andon.analysis.code_changes.comparison import CodeLine, Comparison
from andon.analysis.code_changes.file_roles import FileRole
from andon.analysis.code_changes.kinds import Effect, EffectKind, QuotedLine, effect
from andon.analysis.code_changes.lexemes import definition, strings, words
from andon.analysis.code_changes.statement_effects import CODE, trivial_call

__all__ = ["innocent_effects", "preserved"]

_IDLE_ROLES = {
    FileRole.TEST: EffectKind.TEST_ONLY,
    FileRole.DOCS: EffectKind.COMMENT_OR_DOCS,
    FileRole.STYLE: EffectKind.STYLE_ONLY,
    FileRole.ASSET: EffectKind.STYLE_ONLY,
    FileRole.CI: EffectKind.BUILD_ONLY,
    FileRole.LOCK: EffectKind.BUILD_ONLY,
}
_STYLING = re.compile(r"className=|class=|style=|#[0-9a-fA-F]{3,8}\b|\d(?:px|rem|em)\b|aria-|<svg")
_LOGGING = re.compile(
    r"\blog\w{0,12}[.(]|\bLOG_\w+\(|\bslog\.|\bconsole\.\w+\(|prometheus|\bmetrics?\.|\bspan\.|[Cc]ounter\(|[Hh]istogram\(|\bprint(?:ln|f)?\(",
    re.I,
)


_STRING_BODY = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_STATEMENT = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|ALTER|CREATE)\b|[{}<>=]")


def preserved(comparison: Comparison) -> float:
    """The share in [0, 1] of what removed code said that added code says again; 1 when nothing was removed.

    Counts names called, names used, literals and numbers; a name counts as said again when an added
    call shares a word of weight with it (`Decode` and `decodeRequest`).
    """
    removed = [line for line in comparison.removed if line.role in CODE]
    before, after = _said(removed), _said(line for line in comparison.added if line.role in CODE)
    if not before:
        return 1.0
    helpers = {word for name in comparison.added_calls for word in _long_words(name)}
    helpers |= {word for line in comparison.added for name in line.calls for word in _long_words(name)}
    kept = 0
    for token, count in before.items():
        again = min(count, after[token])
        if again < count and (token in helpers or helpers & set(_long_words(token))):
            again = count
        kept += again
    return kept / before.total()


def innocent_effects(
    comparison: Comparison, files: Iterable[str], roles: Iterable[FileRole]
) -> Iterator[Effect]:
    """Kinds that speak for innocence: idle files, comments, styling, logging, refactoring, pure additions."""
    for file, role in zip(files, roles, strict=True):
        if role in _IDLE_ROLES:
            yield Effect(_IDLE_ROLES[role], 0.9, file, (), frozenset(), role.value)
    changed = [line for line in (*comparison.removed, *comparison.added) if line.role not in _IDLE_ROLES]
    if not changed:
        quoted = [s for section in comparison.sections for s in section.before + section.after]
        if quoted and all(section.role not in _IDLE_ROLES for section in comparison.sections):
            first = quoted[0]
            shown = (QuotedLine(first.source.number, first.source.verbatim),)
            yield Effect(EffectKind.COMMENT_OR_DOCS, 0.9, first.file, shown, frozenset(), "no code changed")
        return
    if all(_STYLING.search(line.code) for line in changed):
        yield effect(EffectKind.STYLE_ONLY, 0.9, "styling", *changed)
    elif any(_LOGGING.search(line.code) for line in changed) and all(
        _LOGGING.search(line.code) or _argument(line) for line in changed
    ):
        yield effect(EffectKind.LOGGING_ONLY, 0.85, "logs and metrics", *changed)
    elif _rewords(comparison):
        yield effect(EffectKind.COMMENT_OR_DOCS, 0.85, "wording of a text", *changed)
    elif all(line.role in CODE for line in changed):
        yield from _kept(comparison)


def _argument(line: CodeLine) -> bool:
    """A line that only continues a call: a literal, a named field or closing brackets."""
    return bool(re.match(r"\s*(?:[\"'`]|\w+\s*:\s|[)}\]])", line.code)) and line.code.rstrip()[-1] in ",)}]"


def _rewords(comparison: Comparison) -> bool:
    """Whether nothing but sentences in literals changed, line for line."""
    if len(comparison.removed) != len(comparison.added) or not comparison.removed:
        return False
    for old, new in zip(comparison.removed, comparison.added, strict=True):
        same = _STRING_BODY.sub('""', old.code) == _STRING_BODY.sub('""', new.code)
        if not same or old.role not in CODE or not any(" " in text for text in (*old.strings, *new.strings)):
            return False
        if any(_STATEMENT.search(text) for text in (*old.strings, *new.strings)):
            return False
    return True


def _kept(comparison: Comparison) -> Iterator[Effect]:
    removed = [line for line in comparison.removed if line.role in CODE]
    added = [line for line in comparison.added if line.role in CODE]
    if not removed:
        yield effect(EffectKind.FEATURE_ADDED, 0.6, "only adds", *added)
        return
    share, new = preserved(comparison), novelty(comparison)
    if _renames_locally(comparison):
        yield effect(EffectKind.RENAME_LOCAL, 0.9, "a local name changed", *removed, *added)
    elif added and share >= 0.6:
        detail = f"{share:.0%} of what was removed reappears"
        yield effect(EffectKind.REFACTOR, share * (1.0 - 0.3 * new), detail, *removed[:3], *added[:3])


def novelty(comparison: Comparison) -> float:
    """The share in [0, 1] of added calls that neither the old code nor a function added with it explains."""
    known = {
        name.rpartition(".")[2].lower() for s in comparison.sections for o in s.before for name in o.calls
    }
    known |= {definition(line.code).lower() for line in comparison.added}
    words_before = {word for s in comparison.sections for line in s.before for word in _long_words(line.code)}
    named = [
        name.rpartition(".")[2] for line in comparison.added for name in line.calls if not trivial_call(name)
    ]
    fresh = [
        name for name in named if name.lower() not in known and not words_before & set(_long_words(name))
    ]
    return len(fresh) / len(named) if named else 0.0


def _renames_locally(comparison: Comparison) -> bool:
    """Whether the removed lines become the added ones by renaming one identifier throughout."""
    before, after = comparison.removed, comparison.added
    if len(before) != len(after) or not before:
        return False
    renames = {
        (old, new)
        for a, b in zip(before, after, strict=True)
        for old, new in zip(re.findall(r"\w+|\W", a.normal), re.findall(r"\w+|\W", b.normal), strict=False)
        if old != new
    }
    same_shape = all(
        re.sub(r"\w+", "_", a.normal) == re.sub(r"\w+", "_", b.normal) and strings(a.code) == strings(b.code)
        for a, b in zip(before, after, strict=True)
    )
    return same_shape and len(renames) == 1 and all(o.isidentifier() and n.isidentifier() for o, n in renames)


def _said(lines: Iterable[CodeLine]) -> Counter[str]:
    said: Counter[str] = Counter()
    for line in lines:
        own = definition(line.code)
        for name in {part for call in line.calls for part in call.strip(".").split(".")[-1:]}:
            said[name] += 0 if trivial_call(name) else 1
        said.update(name for name in set(line.identifiers) if name != own and len(name) > 1)
        said.update(text for text in line.strings if text)
        said.update(word for word in line.words if word.isdigit())
    return +said


def _long_words(name: str) -> list[str]:
    return [word for word in words(name) if len(word) > 3]
