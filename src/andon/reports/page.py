"""A column of text on a console: hanging indents, right-aligned bars, commands that can be pasted.

Widths are counted in cells, so that wide characters fit; lines end without blanks; on a console
that cannot write the signs each is replaced by one of ASCII.
"""

from __future__ import annotations

import math
import re

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from andon.reports.words import per_cent

__all__ = ["AGAINST", "FAINT", "FOR", "STRONG", "WARN", "Page", "bar"]

FOR = "#2f8fd8"
AGAINST = "#d98200"
WARN = "#d98200"
STRONG = "bold"
FAINT = "dim"

BAR_CELLS = 20
LABEL_CELLS = 13
MOST_COLUMNS = 100

_ASCII = str.maketrans("█−–—→·│✓✗○◐⊘…“”‘’", "#--->.|+xo%0~\"\"''")
_WORD = re.compile(r"""(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+""")
_PROGRAMS = frozenset(
    "andon aws az bash cat curl dig docker doctl gcloud git grep helm journalctl jq kubectl logcli mysql nc "
    "nslookup openssl ping podman promtool psql ssh sudo systemctl terraform tofu traceroute".split()
)


def bar(share: float, style: str) -> Text:
    """A likelihood as 20 cells and a per cent of 5: `████████············  42 %`."""
    safe = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
    full = round(safe * BAR_CELLS) or int(safe > 0)
    return Text.assemble(("█" * full, style), ("·" * (BAR_CELLS - full), FAINT), f" {per_cent(share):>5}")


class Page:
    """Writes to a console line by line."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = min(console.width, MOST_COLUMNS)
        self._ascii = not console.encoding.lower().startswith("utf")

    def gap(self) -> None:
        self._print(Text())

    def put(
        self, body: Text, *, indent: int = 0, prefix: Text | None = None, hang: Text | None = None
    ) -> None:
        """The body, wrapped; its first line follows the prefix, the others hang below it (or follow `hang`)."""
        prefix = prefix if prefix is not None else Text(" " * indent)
        hang = hang if hang is not None else Text(" " * prefix.cell_len)
        for number, one in enumerate(self._wrapped(body, self.width - prefix.cell_len)):
            self._print(Text.assemble(hang if number else prefix, one))

    def ends(self, left: Text, right: Text, *, prefix: Text | None = None) -> None:
        """The left text wrapped, and the right text at the end of its first line."""
        prefix = prefix if prefix is not None else Text()
        lines = self._wrapped(left, self.width - prefix.cell_len - right.cell_len - 2)
        first = Text.assemble(prefix, *lines[:1])
        first.append(" " * max(2, self.width - first.cell_len - right.cell_len))
        self._print(Text.assemble(first, right))
        for one in lines[1:]:
            self._print(Text.assemble(" " * prefix.cell_len, one))

    def labelled(self, label: str, body: Text) -> None:
        self.put(body, prefix=Text(f"  {label:<{LABEL_CELLS - 2}} ", FAINT))

    def heading(self, title: str, tail: str = "") -> None:
        self.gap()
        self.put(Text.assemble((title, f"bold {FOR}"), (f"  {tail}" if tail else "", "")))

    def subheading(self, title: str, tail: str = "") -> None:
        self.gap()
        self.put(Text.assemble((title, "bold"), (f"  {tail}" if tail else "", FAINT)), indent=5)

    def command(self, command: str, *, indent: int, comment: str = "") -> None:
        """A command to paste: a shell command is continued with backslashes, and never inside quotes."""
        lines = [
            piece for one in command.splitlines() for piece in self._pieces(one, self.width - indent - 2)
        ]
        for number, piece in enumerate(lines):
            text = Text(" " * indent + piece, "bold")
            room = self.width - text.cell_len - cell_len(comment) - 4
            if comment and room >= 0 and number == len(lines) - 1:
                text.append(f"  # {comment}", "not bold dim")
            self._print(text)

    def _pieces(self, command: str, width: int) -> list[str]:
        """The command in lines, broken between words; whole where a quote does not end."""
        if cell_len(command) <= width or _WORD.sub("", command).strip():
            return [command]
        tail = " \\" if command.split(" ", 1)[0] in _PROGRAMS else ""
        pieces: list[str] = []
        for word in _WORD.findall(command):
            if pieces and cell_len(pieces[-1]) + 1 + cell_len(word) + len(tail) <= width:
                pieces[-1] += f" {word}"
            else:
                pieces.append(f"  {word}" if pieces else word)
        return [piece + tail for piece in pieces[:-1]] + pieces[-1:]

    def _wrapped(self, text: Text, width: int) -> list[Text]:
        lines = list(text.wrap(self.console, max(12, width), overflow="fold"))
        for one in lines:
            one.rstrip()
        return lines

    def _print(self, text: Text) -> None:
        text.rstrip()
        if self._ascii:
            text.plain = "".join(c if c.isascii() else "?" for c in text.plain.translate(_ASCII))
        self.console.print(text, no_wrap=True, overflow="ignore", crop=False, highlight=False)
