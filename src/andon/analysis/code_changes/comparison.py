"""A diff seen as before and after: what is really gone, what is really new, what replaced what.

Lines that reappear elsewhere in the same diff (moved, re-indented, re-ordered) cancel out, so that
everything read from the remainder is a change of substance.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from andon.analysis.code_changes.diffs import Diff, DiffLine, Hunk, Side
from andon.analysis.code_changes.file_roles import FileRole, file_role
from andon.analysis.code_changes.lexemes import (
    calls,
    identifiers,
    is_import,
    normal,
    setting,
    strings,
    uncommented,
    words,
)

__all__ = ["CodeLine", "Comparison", "Pair", "Section", "compare"]

_LOOP = re.compile(
    r"^\s*(?:\}\s*)?(?:async\s+)?(?:for|while|foreach|loop)\b|\.(?:forEach|each|map|flatMap|for_each|ForEachAsync)\s*\("
    r"|\b(?:async\s+)?for\s+[\w, ()]{1,60}\s+in\s"
)
_WINDOW = 24
"""A line is paired with the most alike of this many lines around the same place of its stretch."""


@dataclass(frozen=True)
class CodeLine:
    """A line with its comment stripped; `looped` says that it runs once per turn of a loop."""

    file: str
    role: FileRole
    source: DiffLine
    code: str
    looped: bool = False

    @cached_property
    def calls(self) -> tuple[str, ...]:
        return tuple(calls(self.code))

    @cached_property
    def identifiers(self) -> tuple[str, ...]:
        return tuple(identifiers(self.code))

    @cached_property
    def strings(self) -> tuple[str, ...]:
        return tuple(strings(self.code))

    @cached_property
    def words(self) -> frozenset[str]:
        """Lower-case words of all names and texts on the line."""
        return frozenset(words(self.code))

    @cached_property
    def word_counts(self) -> Counter[str]:
        """The words with how often each occurs, all numbers counted as one."""
        return Counter("0" if word.isdigit() else word for word in words(self.code))

    @cached_property
    def key(self) -> str:
        """The setting that a line of a settings file gives a value, else empty."""
        found = setting(self.code) if self.role in (FileRole.CONFIG, FileRole.INFRASTRUCTURE) else None
        return found[0] if found else ""

    @cached_property
    def normal(self) -> str:
        return normal(self.code)


@dataclass(frozen=True)
class Pair:
    """A removed line and the added line that takes its place."""

    before: CodeLine
    after: CodeLine


@dataclass(frozen=True)
class Section:
    """One hunk: net removed and added lines, and the whole text after the change."""

    file: str
    role: FileRole
    heading: str
    removed: tuple[CodeLine, ...]
    added: tuple[CodeLine, ...]
    context: tuple[CodeLine, ...]
    after: tuple[CodeLine, ...]
    before: tuple[CodeLine, ...]
    pairs: tuple[Pair, ...]

    @cached_property
    def replaced_runs(self) -> frozenset[int]:
        """Stretches into which new code came."""
        return frozenset(line.source.run for line in self.added)

    def deleted(self, line: CodeLine) -> bool:
        """Whether the line went away without any code taking its place."""
        return line.source.run not in self.replaced_runs


@dataclass(frozen=True)
class Comparison:
    """All sections of a change, and what they hold together."""

    sections: tuple[Section, ...]

    @cached_property
    def removed(self) -> tuple[CodeLine, ...]:
        return tuple(line for section in self.sections for line in section.removed)

    @cached_property
    def added(self) -> tuple[CodeLine, ...]:
        return tuple(line for section in self.sections for line in section.added)

    @cached_property
    def after(self) -> tuple[CodeLine, ...]:
        return tuple(line for section in self.sections for line in section.after)

    @cached_property
    def names_after(self) -> frozenset[str]:
        """Every name that the diff shows on the side after the change."""
        return frozenset(name for line in self.after for name in line.identifiers)

    @cached_property
    def texts_after(self) -> frozenset[str]:
        """String literals on the side after the change, whole and by word."""
        texts = {text for line in self.after for text in line.strings}
        return frozenset(texts | {word for text in texts for word in re.findall(r"\w+", text)})

    @cached_property
    def texts_removed(self) -> Counter[str]:
        """In how many net removed lines each string literal stands."""
        return Counter(text for line in self.removed for text in set(line.strings))

    @cached_property
    def added_calls(self) -> frozenset[str]:
        """Last parts of the names called in net added lines."""
        return frozenset(call.rpartition(".")[2] for line in self.added for call in line.calls)

    def calls_again(self, name: str) -> bool:
        """Whether net added lines call the name, whatever its case and receiver."""
        return name.rpartition(".")[2].lower() in self._lowered_calls

    @cached_property
    def _lowered_calls(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self.added_calls)


def compare(diff: Diff) -> Comparison:
    """Before and after of a parsed diff, with the lines cancelled that occur on both sides."""
    coded = [[_code(hunk, line) for line in hunk.lines] for hunk in diff.hunks]
    spent = Counter[str]()
    for side, sign in ((Side.REMOVED, 1), (Side.ADDED, -1)):
        for lines in coded:
            for line in lines:
                if line.source.side is side and line.code:
                    spent[line.normal] += sign
    surplus, shortage = spent.copy(), Counter({text: -count for text, count in spent.items()})
    sections = [
        _section(hunk, lines, surplus, shortage) for hunk, lines in zip(diff.hunks, coded, strict=True)
    ]
    return Comparison(tuple(sections))


def _code(hunk: Hunk, line: DiffLine) -> CodeLine:
    code = uncommented(line.text)
    return CodeLine(hunk.file, file_role(hunk.file), line, code)


def _section(hunk: Hunk, lines: Sequence[CodeLine], surplus: Counter[str], shortage: Counter[str]) -> Section:
    after = tuple(_looped([line for line in lines if line.source.side is not Side.REMOVED]))
    before = tuple(_looped([line for line in lines if line.source.side is not Side.ADDED]))
    removed = tuple(_net([line for line in before if line.source.side is Side.REMOVED], surplus))
    added = tuple(_net([line for line in after if line.source.side is Side.ADDED], shortage))
    context = tuple(line for line in after if line.source.side is Side.CONTEXT and line.code)
    pairs = tuple(_pairs(removed, added))
    return Section(
        hunk.file, file_role(hunk.file), hunk.heading, removed, added, context, after, before, pairs
    )


def _net(lines: Sequence[CodeLine], excess: Counter[str]) -> Iterator[CodeLine]:
    """The lines that the other side lacks; of several equal ones as many as are in excess."""
    for line in lines:
        if line.code and any(c.isalnum() for c in line.code) and excess[line.normal] > 0:
            excess[line.normal] -= 1
            if not is_import(line.code):
                yield line


def _looped(lines: Sequence[CodeLine]) -> Iterator[CodeLine]:
    """The lines, each told whether it stands in the body of a loop, by indentation."""
    loops: list[int] = []
    for line in lines:
        if not line.code:
            yield line
            continue
        indent = len(line.code.expandtabs(4)) - len(line.code.expandtabs(4).lstrip())
        while loops and indent <= loops[-1]:
            loops.pop()
        opens = bool(_LOOP.search(line.code)) and line.role is not FileRole.CONFIG
        yield CodeLine(line.file, line.role, line.source, line.code, looped=bool(loops))
        if opens:
            loops.append(indent)


def _pairs(removed: Sequence[CodeLine], added: Sequence[CodeLine]) -> Iterator[Pair]:
    """Each removed line with the added line of the same stretch that is most like it, if half alike."""
    runs: dict[int, list[CodeLine]] = {}
    for line in added:
        runs.setdefault(line.source.run, []).append(line)
    place: Counter[int] = Counter()
    for line in removed:
        run = runs.get(line.source.run, [])
        middle = place[line.source.run]
        place[line.source.run] += 1
        nearby = run[max(0, middle - _WINDOW) : middle + _WINDOW]
        best = max(nearby, key=lambda other: _likeness(line, other), default=None)
        if best is not None and _likeness(line, best) >= 0.5:
            run.remove(best)
            yield Pair(line, best)


def _likeness(a: CodeLine, b: CodeLine) -> float:
    """Dice coefficient of the words of two lines, numbers counted as equal; 1 for values of the same setting."""
    if a.key and a.key == b.key:
        return 1.0
    total = a.word_counts.total() + b.word_counts.total()
    return 2 * (a.word_counts & b.word_counts).total() / total if total else 0.0
