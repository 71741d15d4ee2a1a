"""Structurizr DSL text as logical lines and statements.

The language is read line by line: `{` ends the line that opens a block, `}` stands alone, `\\` at the
end joins the next line, and a line that ends with three quotes starts a text block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from andon.errors import ParseError

__all__ = ["Line", "Statement", "braces", "logical_lines", "opens_block", "statement"]

MAX_LINE = 1_000_000
MAX_MESSAGE = 300
TEXT_BLOCK = '"""'

_WORD = re.compile(r'"(?P<quoted>[^"\\]*+(?:\\.[^"\\]*+)*+)(?P<end>"?)|(?P<bare>[^\s"]\S*+)', re.DOTALL)
_LINE_COMMENT = re.compile(r"\s*+(?://|#)")
_SCRIPT_NOISE = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
    r"|'[^'\\]*+(?:\\.[^'\\]*+)*+'?"
    r"|//.*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: `number` is where it starts, `block` the text block that ends it, if any."""

    file: str
    number: int
    text: str
    block: str | None = None

    def error(self, message: str, *, expected: str = "", hint: str = "") -> ParseError:
        if len(message) > MAX_MESSAGE:
            message = f"{message[:MAX_MESSAGE]}…"
        return ParseError(message, file=self.file, line=self.number, expected=expected, hint=hint)


@dataclass(frozen=True, slots=True)
class Statement:
    """The words of a line without its braces; `identifier` is what stands before `=`."""

    line: Line
    words: tuple[str, ...]
    opens: bool = False
    closes: bool = False
    identifier: str = ""

    @property
    def keyword(self) -> str:
        return self.words[0].lower() if self.words else ""


def logical_lines(text: str, file: str) -> Iterator[Line]:
    """The lines that say something: comments and blank lines left out, continued lines joined.

    Raises `ParseError` for a NUL character, an overlong line, a comment or text block without an end.
    """
    physical = enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), start=1)
    for number, raw in physical:
        line = _checked(raw, file, number)
        if not line.text.strip() or _LINE_COMMENT.match(line.text):
            continue
        if line.text.lstrip().startswith("/*"):
            _skip_comment(line, physical)
            continue
        joined = _join(line, physical)
        if joined.text.endswith(TEXT_BLOCK):
            joined = _with_text_block(joined, physical)
        yield joined


def statement(line: Line) -> Statement:
    """The words of one line; raises `ParseError` for an unclosed quote and for a misplaced brace."""
    words: list[str] = []
    braces = []
    for match in _WORD.finditer(line.text):
        if match["bare"] is None:
            if not match["end"]:
                raise line.error("a quote that is never closed", expected='a closing "')
            words.append(re.sub(r'\\(["\\])', r"\1", match["quoted"]))
        elif match["bare"].startswith("//"):
            break
        else:
            if match["bare"] in ("{", "}"):
                braces.append((len(words), match["bare"]))
            words.append(match["bare"])
    if line.block is not None:
        words.append(line.block)
    return _without_braces(line, words, braces)


def opens_block(line: Line) -> bool:
    """Whether a line that is only skipped ends with `{`, read leniently."""
    bare = ""
    for match in _WORD.finditer(line.text):
        bare = match["bare"]
    return bare == "{" and line.block is None


def braces(line: Line) -> int:
    """Opening minus closing braces of a line of script, strings and comments left out."""
    code = _SCRIPT_NOISE.sub("", line.text)
    return code.count("{") - code.count("}")


def _checked(raw: str, file: str, number: int) -> Line:
    line = Line(file, number, raw)
    if len(raw) > MAX_LINE:
        raise line.error(f"a line of {len(raw)} characters", expected=f"at most {MAX_LINE}")
    if "\0" in raw:
        raise line.error("a NUL character", expected="text in UTF-8", hint="Save the file as UTF-8.")
    return line


def _skip_comment(start: Line, physical: Iterator[tuple[int, str]]) -> None:
    text = start.text.strip()
    if text.endswith("*/") and len(text) > 3:
        return
    for _, raw in physical:
        if raw.rstrip().endswith("*/"):
            return
    raise start.error("a comment that is never closed", expected="a line that ends with */")


def _join(start: Line, physical: Iterator[tuple[int, str]]) -> Line:
    if not start.text.endswith("\\"):
        return Line(start.file, start.number, start.text.rstrip())
    parts = [start.text[:-1]]
    size = len(start.text)
    for number, raw in physical:
        _checked(raw, start.file, number)
        size += len(raw)
        if size > MAX_LINE:
            raise start.error(f"a line of {size} characters", expected=f"at most {MAX_LINE}")
        piece = raw.lstrip()
        if not piece.endswith("\\"):
            parts.append(piece)
            break
        parts.append(piece[:-1])
    return Line(start.file, start.number, "".join(parts).rstrip())


def _with_text_block(start: Line, physical: Iterator[tuple[int, str]]) -> Line:
    body: list[str] = []
    for number, raw in physical:
        text = _checked(raw, start.file, number).text.rstrip()
        if text.endswith(TEXT_BLOCK):
            margin = len(body[0]) - len(body[0].lstrip()) if body else 0
            block = "\n".join(piece[margin:] if not piece[:margin].strip() else piece for piece in body)
            return Line(start.file, start.number, start.text.removesuffix(TEXT_BLOCK), block)
        body.append(raw)
    raise start.error("a text block that is never closed", expected=f"a line that ends with {TEXT_BLOCK}")


def _without_braces(line: Line, words: list[str], braces: list[tuple[int, str]]) -> Statement:
    if not braces:
        return Statement(line, tuple(words))
    at, brace = braces[0]
    if brace == "}":
        if len(words) > 1:
            raise line.error("`}` with more on its line", expected="`}` alone on its line")
        return Statement(line, (), closes=True)
    if at != len(words) - 1:
        raise line.error("`{` in the middle of a line", expected="`{` at the end of its line")
    return Statement(line, tuple(words[:-1]), opens=True)
