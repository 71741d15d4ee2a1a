"""Plain text to blocks: paragraphs, which an empty line ends."""

from __future__ import annotations

from collections.abc import Iterator

from andon.connectors.documents.blocks import Block

__all__ = ["paragraphs"]


def paragraphs(lines: list[str], headings: tuple[str, ...] = ()) -> Iterator[Block]:
    """Runs of lines without an empty one between them."""
    first = 0
    for at, line in enumerate([*lines, ""]):
        if line.strip():
            continue
        if first < at:
            yield Block(first + 1, tuple(lines[first:at]), headings)
        first = at + 1
