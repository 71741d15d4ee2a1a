"""Markdown to blocks: headings, paragraphs, list items, blocks of code, tables.

Follows CommonMark as far as it matters for where a passage begins and ends
(https://spec.commonmark.org/0.31.2/); nothing is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from andon.connectors.documents.blocks import Block

__all__ = ["markdown_blocks"]

HEADING_CHARACTERS = 200

_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(?:={2,}|-{2,})[ \t]*$")
_FENCE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S")
_OTHER = re.compile(r"[ \t]*(?:[>|]|$)|(?: {4}|\t)")
_TITLE = re.compile(r"title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$")
_ANCHOR = re.compile(r"[ \t]*\{#[^}]*\}$")


def markdown_blocks(lines: list[str]) -> Iterator[Block]:
    """The blocks in their order; each carries the headings above it.

    A heading stands with the text below it, and not alone when only other headings follow.
    """
    blocks = list(_blocks(lines))
    for block, after in zip_longest(blocks, blocks[1:]):
        bare = block.headings and _is_heading(block)
        leads = after is not None and after.headings[:-1] == block.headings and _is_heading(after)
        if not (bare and leads):
            yield block


def _blocks(lines: list[str]) -> Iterator[Block]:
    at, title = _front_matter(lines)
    path: list[tuple[int, str]] = [(0, title)] if title else []
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        level, text, taken = _heading(lines, at)
        if level:
            path = [(depth, name) for depth, name in path if depth < level] + [(level, text)]
        end = at + taken if level else _end(lines, at)
        yield Block(at + 1, tuple(lines[at:end]), tuple(name for _, name in path))
        at = end


def _is_heading(block: Block) -> bool:
    level, _, taken = _heading(list(block.lines), 0)
    return level > 0 and taken == len(block.lines)


def _front_matter(lines: list[str]) -> tuple[int, str]:
    """Where the text begins, and the title that stands in the front matter if there is any."""
    if not lines or lines[0].rstrip() != "---":
        return 0, ""
    for at, line in enumerate(lines[1:200], start=1):
        if line.rstrip() in ("---", "..."):
            titles = (_TITLE.match(inner[: 2 * HEADING_CHARACTERS]) for inner in lines[1:at])
            return at + 1, next((found[1][:HEADING_CHARACTERS] for found in titles if found), "")
    return 0, ""


def _heading(lines: list[str], at: int) -> tuple[int, str, int]:
    """Level (0: no heading), text, and how many lines it takes."""
    line = lines[at]
    if found := _HEADING.match(line):
        text = line[found.end() :].strip()
        bare = text.rstrip("#")
        closed = bare != text and (not bare or bare[-1].isspace())
        return len(found[1]), _plain(bare if closed else text), 1
    underlined = at + 1 < len(lines) and _UNDERLINE.match(lines[at + 1])
    if underlined and not (_ITEM.match(line) or _OTHER.match(line) or _FENCE.match(line)):
        return (1 if "=" in lines[at + 1] else 2), _plain(line), 2
    return 0, "", 0


def _plain(text: str) -> str:
    return _ANCHOR.sub("", text[:HEADING_CHARACTERS]).strip().strip("*_`").strip()


def _end(lines: list[str], at: int) -> int:
    """The line after the block that begins here."""
    if fence := _FENCE.match(lines[at]):
        return _after_fence(lines, at, fence[1])
    if _ITEM.match(lines[at]):
        return _after_item(lines, at)
    end = at + 1
    while end < len(lines) and lines[end].strip() and not _interrupts(lines, end):
        end += 1
    return end


def _after_fence(lines: list[str], at: int, fence: str) -> int:
    """Fenced code ends with a fence of the same sort that is at least as long, else with the file."""
    for end in range(at + 1, len(lines)):
        line = lines[end].strip()
        if len(line) >= len(fence) and set(line) == {fence[0]}:
            return end + 1
    return len(lines)


def _after_item(lines: list[str], at: int) -> int:
    """An item ends at the next item on its level or above, at a heading, or after an empty line if what follows is not indented."""
    indent = _indent(lines[at])
    end = at + 1
    while end < len(lines):
        line = lines[end]
        if not line.strip():
            following = next((e for e in range(end, len(lines)) if lines[e].strip()), len(lines))
            if following == len(lines) or _indent(lines[following]) <= indent:
                return end
            end = following
            continue
        if fence := _FENCE.match(line):
            if _indent(line) <= indent:
                return end
            end = _after_fence(lines, end, fence[1])
            continue
        if _HEADING.match(line) or (_ITEM.match(line) and _indent(line) <= indent):
            return end
        end += 1
    return end


def _interrupts(lines: list[str], at: int) -> bool:
    """Whether a paragraph ends before this line although no empty line comes between."""
    return bool(_HEADING.match(lines[at]) or _ITEM.match(lines[at]) or _FENCE.match(lines[at]))


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())
