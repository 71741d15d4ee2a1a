"""Blocks of text, and how they become passages of a readable length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from andon.telemetry import Passage

__all__ = ["PASSAGE_CHARACTERS", "Block", "pack"]

PASSAGE_CHARACTERS = 1200
"""About how long a passage is at most: some 200 words, which one reads at a glance."""
ORPHAN_CHARACTERS = 200
"""What is shorter, such as a heading, is not left alone: the passage may grow by as much."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: a paragraph, a list item, a block of code; `first` counts from 1."""

    first: int
    lines: tuple[str, ...]
    headings: tuple[str, ...] = ()

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    @property
    def size(self) -> int:
        return sum(len(line) + 1 for line in self.lines)


def pack(file: str, lines: list[str], blocks: Iterable[Block], page: int = 0) -> tuple[Passage, ...]:
    """Passages from blocks in their order: those under the same headings share one as long as they fit.

    A block stays whole unless it is longer than a passage; then it is cut between lines, and a line that
    is itself too long between words. What stands between two blocks, such as an empty line, is kept.
    """
    passages: list[Passage] = []
    open_: Block | None = None
    for block in (piece for whole in blocks for piece in _cut(whole)):
        joined = _join(open_, block, lines) if open_ else None
        if open_ and joined is None:
            passages.append(_passage(file, open_, page))
        open_ = joined or block
    if open_:
        passages.append(_passage(file, open_, page))
    return tuple(passage for passage in passages if passage.text.strip())


def _join(left: Block, right: Block, lines: list[str]) -> Block | None:
    """Both as one, None when they do not belong together or are too long."""
    if left.headings != right.headings or right.first <= left.last:
        return None
    joined = Block(left.first, tuple(lines[left.first - 1 : right.last]), left.headings)
    whole = left.lines == joined.lines[: len(left.lines)] and right.lines == joined.lines[-len(right.lines) :]
    most = PASSAGE_CHARACTERS + (ORPHAN_CHARACTERS if left.size <= ORPHAN_CHARACTERS else 0)
    return joined if whole and joined.size <= most else None


def _cut(block: Block) -> Iterator[Block]:
    """The block itself when it fits, else pieces of it that do."""
    if block.size <= PASSAGE_CHARACTERS:
        yield block
        return
    number, held, size = block.first, list[str](), 0
    for at, line in enumerate(block.lines, start=block.first):
        if held and size + len(line) + 1 > PASSAGE_CHARACTERS:
            yield Block(number, tuple(held), block.headings)
            held, size = [], 0
        if len(line) >= PASSAGE_CHARACTERS:
            yield from (Block(at, (part,), block.headings) for part in _parts(line))
            continue
        if not held:
            number = at
        held.append(line)
        size += len(line) + 1
    if held:
        yield Block(number, tuple(held), block.headings)


def _parts(line: str) -> Iterator[str]:
    """A line too long for a passage, cut between words where there are any."""
    start = 0
    while start < len(line):
        end = start + PASSAGE_CHARACTERS - 1
        space = line.rfind(" ", start + PASSAGE_CHARACTERS // 2, end) if end < len(line) else -1
        end = space if space > 0 else end
        yield line[start:end]
        start = end + (space > 0)


def _passage(file: str, block: Block, page: int) -> Passage:
    return Passage(file, block.first, block.last, "\n".join(block.lines), block.headings, page)
