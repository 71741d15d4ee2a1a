"""Effects of removed or altered statements: calls, guards, conditions, error handling."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from andon.analysis.code_changes.comparison import CodeLine, Comparison, Pair, Section
from andon.analysis.code_changes.file_roles import FileRole
from andon.analysis.code_changes.kinds import Effect, EffectKind, effect
from andon.analysis.code_changes.lexemes import condition, definition, operators, setting, words

__all__ = ["CODE", "related", "statement_effects", "trivial_call"]

CODE = (FileRole.SOURCE, FileRole.SCHEMA, FileRole.MIGRATION, FileRole.OTHER)
_STARTING = frozenset(
    "register init initialize initialise setup subscribe bind mount load seed configure enable add use install attach "
    "start listen bootstrap provide wire warmup connect migrate inject include route handle handler".split()
)
_TRIVIAL = frozenset(
    "len append make new string tostring str int float bool format sprintf printf println print errorf error range min max "
    "copy cap push list dict set tuple map join split trim strip lower upper isinstance super enumerate zip sorted abs "
    "array object number boolean valueof equals hashcode log info debug warn warning trace fatal t with next hasnext".split()
)
_LOGGERS = frozenset(
    "log logger logging slog console zap logrus glog klog metrics span tracer statsd".split()
)
_NULLISH = re.compile(
    r"\b(?:nil|null|None|undefined|nullptr|isNull|isEmpty|isPresent|is_some|is_none|hasOwnProperty|exists|len|length|"
    r"size|count|ok|found)\b|\bin\b|\?\."
)
_FALLBACK = re.compile(
    r"\?\?|\?\.|\|\||\bor\b|\.get\(|orElse\(|getOrDefault\(|unwrap_or|\bdefault\(|withDefault"
)
_UNCHECKED = re.compile(
    r"\.unwrap\(\)|\.expect\(|!!\.|\w!\.|\.orElseThrow\(\)|Optional\.get\(\)|\.\([*\w.]{1,80}\)$|\)\.get\(\)"
)
_HANDLES = re.compile(
    r"^\s*\}?\s*(?:try|catch|except|rescue|finally|ensure)\b|\.catch\(|\brecover\(\)|\bonError\b|@ExceptionHandler"
)
_RAISES = re.compile(
    r"\bpanic\(|\braise\b|\bthrow\b|[Ll]og(?:ger)?\.Fatal|os\.Exit\(|process\.exit\(|sys\.exit\(|System\.exit\(|\babort\("
)
_SWALLOWS = re.compile(
    r"except\b.{0,80}:\s*pass|^\s*pass$|catch\s*(?:\([^)]{0,80}\))?\s*\{\s*\}|^\s*(?:_|_, _) :?= \w"
)
_REFUSALS = re.compile(
    r"\b(?:raise|throw|panic|reject|abort|invalid|forbidden|bad_?request|BadRequest|Err[A-Z]\w*|errors?\.New|Errorf|4\d\d)\b"
)


def statement_effects(comparison: Comparison) -> Iterator[Effect]:
    """What statements that went away or changed in place can do."""
    for section in comparison.sections:
        if section.role in CODE:
            yield from _calls_removed(section, comparison)
            yield from _guards_removed(section, comparison)
            yield from _conditions_changed(section)
            yield from _handling_changed(section)
            yield from _refusals_added(section)


def trivial_call(name: str) -> bool:
    """Whether a call only computes, converts or logs, so that its absence by itself breaks nothing."""
    parts = [part.lower() for part in name.split(".")]
    return (
        parts[-1] in _TRIVIAL
        or parts[-1].startswith(("of", "from"))
        or parts[-1].startswith("log_")
        or bool(_LOGGERS & set(parts))
    )


def related(name: str, others: Iterable[str]) -> bool:
    """Whether one of the other names shares a word of weight with the name (`Decode`, `decodeRequest`)."""
    own = {word for word in words(name.rpartition(".")[2]) if len(word) > 3}
    return any(own & set(words(other)) for other in others)


def _calls_removed(section: Section, comparison: Comparison) -> Iterator[Effect]:
    inside_removed_function = any(definition(line.code) for line in section.removed)
    for line in section.removed:
        gone = [name for name in line.calls if not trivial_call(name) and not comparison.calls_again(name)]
        deleted = section.deleted(line)
        if not gone:
            if deleted and _is_entry(line) and not set(line.strings) & _strings(comparison.added):
                yield effect(EffectKind.CALL_REMOVED, 0.7, "entry removed", line)
            continue
        if condition(line.code) or related(gone[0], comparison.added_calls):
            continue
        if inside_removed_function:
            strength = 0.45
        elif deleted:
            strength = 0.95 if set(words(gone[0].rpartition(".")[2])) & _STARTING else 0.85
        else:
            strength = 0.4
        yield effect(EffectKind.CALL_REMOVED, strength, f"{gone[0].lstrip('.')} no longer called", line)


def _is_entry(line: CodeLine) -> bool:
    """An element of a list or map literal on a line of its own."""
    code = line.code.strip()
    return (
        code.endswith(",")
        and not line.calls
        and (bool(line.strings) or setting(code) is not None or code[:-1].isidentifier())
    )


def _strings(lines: Iterable[CodeLine]) -> set[str]:
    return {text for line in lines for text in line.strings}


def _guards_removed(section: Section, comparison: Comparison) -> Iterator[Effect]:
    removed = [(condition(line.code), line) for line in section.removed]
    added_words = [set(line.identifiers) | line.words for line in section.added]
    names_after = {name for line in section.after for name in line.identifiers}
    added = Counter(text for line in section.added if (text := condition(line.code)))
    fewer = sum(1 for text, _ in removed if text) > added.total()
    for text, line in removed:
        if not text or line.code.lstrip().startswith(("for ", "while ")):
            continue
        if added[text] > 0:
            added[text] -= 1
            continue
        subjects = {word for word in re.findall(r"[A-Za-z_]\w+", text) if not _NULLISH.fullmatch(word)}
        if any(subjects <= words_of_line for words_of_line in added_words):
            continue
        used = subjects & names_after
        nullish = bool(_NULLISH.search(text))
        strength = (0.9 if nullish else 0.75) if used else (0.7 if nullish else 0.6)
        strength *= 1.0 if section.deleted(line) else 0.85
        yield effect(EffectKind.GUARD_REMOVED, strength if fewer else 0.25, f"check {text} gone", line)
    for pair in section.pairs:
        lost = Counter(_FALLBACK.findall(pair.before.code)) - Counter(_FALLBACK.findall(pair.after.code))
        if lost and not condition(pair.before.code) and not condition(pair.after.code):
            yield effect(
                EffectKind.GUARD_REMOVED, 0.8, f"fallback {next(iter(lost))} gone", pair.before, pair.after
            )
    before = {match for line in comparison.removed for match in _UNCHECKED.findall(line.code)}
    for line in section.added:
        fresh = set(_UNCHECKED.findall(line.code)) - before
        if fresh:
            yield effect(EffectKind.DEREFERENCE_ADDED, 0.6, f"unchecked {next(iter(fresh))}", line)


def _conditions_changed(section: Section) -> Iterator[Effect]:
    for pair in section.pairs:
        same = sorted(pair.before.identifiers) == sorted(pair.after.identifiers)
        ops = operators(pair.before.code) != operators(pair.after.code)
        if same and ops and pair.before.strings == pair.after.strings:
            yield effect(EffectKind.CONDITION_CHANGED, 0.65, "operators changed", pair.before, pair.after)
        elif _flipped(pair):
            yield effect(EffectKind.CONDITION_CHANGED, 0.6, "truth value flipped", pair.before, pair.after)


def _flipped(pair: Pair) -> bool:
    before, after = (
        Counter(re.findall(r"\b(?:true|false|True|False)\b", line.code)) for line in (pair.before, pair.after)
    )
    return bool(before) and before.total() == after.total() and before != after


def _handling_changed(section: Section) -> Iterator[Effect]:
    kept = any(_HANDLES.search(line.code) for line in section.added)
    for line in section.removed:
        if _HANDLES.search(line.code) and not kept:
            yield effect(EffectKind.ERROR_HANDLING_CHANGED, 0.8, "errors no longer caught", line)
            break
    for pattern, strength, detail in (
        (_RAISES, 0.7, "now fails hard"),
        (_SWALLOWS, 0.6, "errors now swallowed"),
    ):
        before = any(pattern.search(line.code) for line in section.removed)
        new = next((line for line in section.added if pattern.search(line.code)), None)
        if new is not None and not before and any(section.removed):
            yield effect(EffectKind.ERROR_HANDLING_CHANGED, strength, detail, new)
    skips = [line for line in section.removed if re.search(r"^\s*(?:continue|break)\b", line.code)]
    if skips and not any("continue" in line.words for line in section.added):
        yield effect(EffectKind.ERROR_HANDLING_CHANGED, 0.75, "no longer skips", skips[0])


def _refusals_added(section: Section) -> Iterator[Effect]:
    """A new condition whose body refuses the input."""
    for line, following in zip_longest(section.added, section.added[1:]):
        body = line.code if following is None else f"{line.code} {following.code}"
        if (
            condition(line.code)
            and _REFUSALS.search(body)
            and not any(condition(old.code) for old in section.removed)
        ):
            yield effect(EffectKind.VALIDATION_ADDED, 0.5, f"refuses when {condition(line.code)}", line)
