"""One file of a bundle as clean lines, JSON values or CSV rows; what goes wrong is counted, not raised.

Text is UTF-8, or UTF-16 where a byte order mark says so; bytes that are neither are replaced and
counted. A stream that breaks off (a damaged archive, a limit) ends early with a problem, so that
parsers keep what came before.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from andon.connectors.files.bundle import READ_ERRORS, Bundle, LimitReached
from andon.connectors.files.csv_rows import CsvRows
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.times import TimeParser
from andon.errors import ParseError

__all__ = ["FileReader", "load_json"]

UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
REPLACED = "invalid UTF-8 was replaced"
LINES_LOOKED_AT = 3


@dataclass
class FileReader:
    """What a parser is given: a file, how the user described it, and where to count problems.

    `columns` maps roles (`time`, `value`) to header names, or to lists of them for roles that take
    several; `service` and `unit` hold for everything in the file that does not state its own. `span`
    is the part that is read, in bytes, where it is not all of the file; lines are counted from its start,
    and `lines` is how many there were so far.
    """

    path: str
    bundle: Bundle
    problems: ProblemCounter
    times: TimeParser = field(default_factory=TimeParser)
    columns: Mapping[str, str | list[str]] = field(default_factory=dict)
    service: str = ""
    unit: str = ""
    span: tuple[int, int] | None = None
    lines: int = 0

    def problem(self, message: str, *, line: int = 0, count: int = 1, hint: str = "") -> None:
        self.problems.add(self.path, message, line=line, count=count, hint=hint)

    def error(self, message: str, *, line: int = 0, expected: str = "", hint: str = "") -> ParseError:
        """The error to raise when the file as a whole cannot be read."""
        return ParseError(message, file=self.path, line=line, expected=expected, hint=hint)

    def column(self, role: str) -> str:
        """The one column that the user named for a role, empty when none."""
        named = self.columns.get(role, "")
        return named if isinstance(named, str) else (named[0] if named else "")

    def column_list(self, role: str) -> list[str]:
        named = self.columns.get(role, [])
        return [named] if isinstance(named, str) else named

    def raw_chunks(self) -> Iterator[bytes]:
        """The unpacked bytes; ends early, with a problem, where the stream breaks."""
        try:
            if self.span is None:
                yield from self.bundle.chunks(self.path)
            else:
                yield from self.bundle.span(self.path, *self.span)
        except PermissionError:
            self.problems.denied.add(self.path)
            self.problem("may not be read: permission denied", hint="check the permissions of the file")
        except LimitReached as error:
            self.problems.truncated = True
            self.problem(error.message, hint="bring a shorter stretch of time, or fewer files")
        except READ_ERRORS as error:
            self.problem(
                f"breaks off: {_words(error)}", hint="the file is damaged; what came before was read"
            )

    def chunks(self) -> Iterator[bytes]:
        """The text as UTF-8 bytes without a byte order mark (invalid bytes are still in it)."""
        chunks = self.raw_chunks()
        first = next(chunks, b"")
        encoding = UTF16_MARKS.get(first[:2])
        if encoding is None:
            yield first.removeprefix(codecs.BOM_UTF8)
            yield from chunks
            return
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        yield decoder.decode(first[2:]).encode("utf-8", "replace")
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", "replace")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")

    def line_batches(self, limit: int) -> Iterator[tuple[int, list[bytes]]]:
        """Lines without their ends, in batches with the number of the first; longer ones are cut at `limit` bytes."""
        number = 1
        rest: list[bytes] = []
        held = 0
        for chunk in self.chunks():
            lines = chunk.split(b"\n")
            if len(lines) == 1:
                if held <= limit:
                    rest.append(chunk)
                held += len(chunk)
                continue
            lines[0] = b"".join((*rest, lines[0]))
            rest = [lines.pop()]
            held = len(rest[0])
            self._cut(lines, number, limit)
            yield number, lines
            number += len(lines)
            self.lines = max(self.lines, number - 1)
        last = b"".join(rest)
        if last:
            lines = [last]
            self._cut(lines, number, limit)
            yield number, lines

    def _cut(self, lines: list[bytes], number: int, limit: int) -> None:
        if max(map(len, lines)) <= limit:
            return
        for i, line in enumerate(lines):
            if len(line) > limit:
                lines[i] = line[:limit]
                self.problem(f"line longer than {limit:,} bytes was cut", line=number + i)

    def text(self, raw: bytes, line: int) -> str:
        """Decoded text; invalid bytes are replaced and counted."""
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.problem(REPLACED, line=line, hint="save the file as UTF-8")
            return raw.decode("utf-8", "replace")

    def json_lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Line number and object of each line; lines that hold none are counted."""
        for first, lines in self.line_batches(self.bundle.limits.line):
            yield from self.json_objects(first, lines)

    def json_objects(self, first: int, lines: list[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Line number and object of each of these lines, of which the first has the number `first`."""
        loads = orjson.loads
        for i, raw in enumerate(lines, first):
            try:
                value = loads(raw)
            except orjson.JSONDecodeError:
                if not raw.strip():
                    continue
                value = self._second_try(raw, i)
            if isinstance(value, dict):
                yield i, value
            elif value is not None:
                self.problem("line is not a JSON object", line=i)

    def _second_try(self, raw: bytes, line: int) -> Any:
        """JSON with NaN, Infinity or invalid UTF-8 in it; None, counted, when it is no JSON at all."""
        try:
            return load_json(self.text(raw, line))
        except ValueError:
            cut = "" if raw.rstrip().endswith(b"}") else " (half a line?)"
            self.problem(f"line is not valid JSON{cut}", line=line)
            return None

    def document(self) -> Any:
        """The whole file as one JSON value; ParseError when it is none or too large to hold."""
        limit = self.bundle.limits.document
        parts: list[bytes] = []
        size = 0
        for chunk in self.chunks():
            size += len(chunk)
            if size > limit:
                raise self.error(
                    f"one JSON document of more than {limit:,} bytes", hint="split it, or use JSON lines"
                )
            parts.append(chunk)
        raw = b"".join(parts)
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            try:
                return load_json(self.text(raw, 0))
            except ValueError:
                raise self.error(
                    "not valid JSON" if raw.strip() else "empty",
                    line=error.lineno if raw.strip() else 0,
                    expected="a JSON document",
                    hint="the file may have been cut off while it was written",
                ) from None

    def records(self, *wrappers: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects of a JSON array, of an array under one of the wrapper keys, or of JSON lines.

        The number is the line for JSON lines, else the position counted from 1.
        """
        lines = self.holds_lines()
        if lines:
            yield from self.json_lines()
        elif lines is not None:
            yield from self.document_records(*wrappers)

    def document_records(self, *wrappers: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects of a JSON array, or of one under a wrapper key, with their position counted from 1."""
        value = self.document()
        if isinstance(value, dict):
            value = next((value[key] for key in wrappers if isinstance(value.get(key), list)), [value])
        if not isinstance(value, list):
            raise self.error("holds no list of records", expected=" or ".join(("an array", *wrappers)))
        for i, item in enumerate(value, 1):
            if isinstance(item, dict):
                yield i, item
            else:
                self.problem("record is not a JSON object")

    def holds_lines(self) -> bool | None:
        """Whether the file is JSON lines, of which the first may be damaged; None when all lines are blank.

        Only lines are read in parts.
        """
        if self.span is not None:
            return True
        filled: list[bytes] = []
        for _, lines in self.line_batches(self.bundle.limits.line):
            filled += [stripped for line in lines if (stripped := line.strip())][:LINES_LOOKED_AT]
            if len(filled) >= LINES_LOOKED_AT:
                break
        if not filled:
            return None
        if filled[0] == b"{" or filled[0].startswith(b"[") or len(filled) == 1:
            return False
        return any(_is_object(line) for line in filled[:LINES_LOOKED_AT])

    def csv_rows(self) -> CsvRows:
        """Line number and cells of each row."""
        return CsvRows(self.line_batches(self.bundle.limits.line), self.text, self.problem)


def load_json(text: str) -> Any:
    """JSON as lenient writers emit it: NaN, infinities and lone surrogates pass; ValueError otherwise."""
    try:
        value = json.loads(text)
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _is_object(raw: bytes) -> bool:
    try:
        return isinstance(orjson.loads(raw), dict)
    except orjson.JSONDecodeError:
        try:
            return isinstance(load_json(raw.decode("utf-8", "replace")), dict)
        except ValueError:
            return False


def _words(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
