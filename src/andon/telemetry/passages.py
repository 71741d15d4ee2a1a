"""Passages: pieces of what people wrote down, with the place where they stand."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Passage"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be quoted by file and line.

    `file` is relative to the folder of documents, with forward slashes; `first_line` and `last_line` count from 1, in a
    PDF on the page `page`, which is 0 for files without pages. `headings` lead to the passage, outermost first; each
    line of `text` is one of the file.
    """

    file: str
    first_line: int
    last_line: int
    text: str
    headings: tuple[str, ...] = ()
    page: int = 0

    @property
    def heading(self) -> str:
        """The headings as one reads them: `Database > Pool exhausted`."""
        return " > ".join(self.headings)

    @property
    def titled(self) -> str:
        """The text below its heading, as what it means is told from."""
        return f"{self.heading}\n{self.text}"

    @property
    def place(self) -> str:
        """Where it begins: `db/pool.md:41`, `manual.pdf, page 3, line 12`."""
        if self.page:
            return f"{self.file}, page {self.page}, line {self.first_line}"
        return f"{self.file}:{self.first_line}"
