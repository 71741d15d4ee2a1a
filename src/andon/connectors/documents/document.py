"""One document of a folder: what tells whether it changed, and its passages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from andon.connectors.documents.blocks import pack
from andon.connectors.documents.decoding import clean, decode, is_binary
from andon.connectors.documents.markdown import markdown_blocks
from andon.connectors.documents.pdf import read_pdf
from andon.connectors.documents.plain import paragraphs
from andon.telemetry import Passage, Problem, Result, Status

__all__ = ["BYTES", "MARKDOWN", "PDF", "TEXT", "Document"]

BYTES = 20 << 20
MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})
TEXT = frozenset({"", ".txt", ".text", ".rst", ".adoc", ".asciidoc", ".org"})
PDF = frozenset({".pdf"})


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was found: where it lies, its name relative to the folder, and its stamp.

    While `stamp` (size and time of the last change) stays the same, so does the file; `digest` settles it otherwise.
    """

    path: Path
    name: str
    stamp: str

    def digest(self) -> str:
        """SHA-256 of the bytes; empty when the file cannot be read."""
        try:
            return hashlib.sha256(self._bytes()).hexdigest()
        except OSError:
            return ""

    def read(self) -> Result[tuple[Passage, ...]]:
        """Its passages in their order; what could not be read is told and never raised."""
        try:
            data = self._bytes()
        except OSError as error:
            return _unread(self.name, f"cannot be read: {error.strerror or error}")
        if len(data) > BYTES:
            return _unread(self.name, f"is larger than {BYTES >> 20} MB")
        suffix = PurePosixPath(self.name).suffix.lower()
        if suffix in PDF:
            return read_pdf(self.name, data)
        if is_binary(data):
            return _unread(self.name, "is binary, whatever its name says")
        text, encoding = decode(data)
        lines = text.split("\n")
        blocks = markdown_blocks(lines) if suffix in MARKDOWN else paragraphs(lines)
        passages = pack(self.name, lines, blocks)
        if encoding != "Latin-1":
            return Result.of(passages, len(passages))
        problem = Problem(self.name, "is not UTF-8 and was read as Latin-1", hint="save it as UTF-8")
        return Result(passages, Status.OK, len(passages), (problem,))

    def _bytes(self) -> bytes:
        """At most one byte more than is allowed, so that a file that grows meanwhile is noticed."""
        with self.path.open("rb") as file:
            return file.read(BYTES + 1)


def _unread(name: str, message: str) -> Result[tuple[Passage, ...]]:
    return Result((), Status.FAILED, 0, (Problem(clean(name), message),))
