"""Answers of lent tools as plain lines: bounded, without control characters, with how whole they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from andon.telemetry import Problem, Status

if TYPE_CHECKING:
    from mcp.types import CallToolResult, ContentBlock

__all__ = ["LONGEST", "LentAnswer", "answer_of", "plain"]

LONGEST = 400
"""Characters of a line."""
_MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class LentAnswer:
    """What a tool answered: `lines` are its words, none of them blank, `bytes` what they hold together in UTF-8."""

    status: Status
    lines: tuple[str, ...] = ()
    bytes: int = 0
    problems: tuple[Problem, ...] = ()


def plain(text: str, longest: int = LONGEST) -> str:
    """One line of what a server says: no control characters, nothing invisible, clipped."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def answer_of(result: CallToolResult, place: str, most: int, hide: Callable[[str], str]) -> LentAnswer:
    """The lines of a result, at most so many bytes of them; `hide` removes secrets before anything is shortened."""
    lines: list[str] = []
    size = clipped = 0
    cut = False
    for text in _texts(result):
        # Beyond this nothing can be kept: a line keeps at most `LONGEST` characters, but a line has to be whole to be hidden.
        for raw in hide(text[: 4 * most]).splitlines():
            line = plain(raw)
            if not line:
                continue
            held = len(line.encode()) + 1
            if size + held > most or len(lines) >= _MOST_LINES:
                cut = True
                break
            clipped += len(line) == LONGEST and line.endswith("…")
            lines.append(line)
            size += held
        cut = cut or len(text) > 4 * most
        if cut:
            break
    problems = [Problem(place, f"lines were clipped to {LONGEST} characters", clipped)] if clipped else []
    if cut:
        problems.insert(0, Problem(place, f"more than {most} bytes: the rest was cut off"))
    if result.is_error:
        words = "; ".join(lines[:3]) or "it says that it failed, and not why"
        return LentAnswer(Status.FAILED, (), 0, (Problem(place, plain(words)),))
    status = Status.TRUNCATED if cut else Status.OK if lines else Status.EMPTY
    return LentAnswer(status, tuple(lines), size, tuple(problems))


def _texts(result: CallToolResult) -> Iterator[str]:
    """The parts of an answer; structured content only where no text says it."""
    said = False
    for block in result.content:
        text = _text(block)
        said = said or (block.type == "text" and bool(text.strip()))
        yield text
    if result.structured_content and not said:
        yield orjson.dumps(
            result.structured_content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
        ).decode()


def _text(block: ContentBlock) -> str:
    match block.type:
        case "text":
            return block.text
        case "image" | "audio":
            return f"({block.type} {block.mime_type}, {_size(block.data)} bytes, not shown)"
        case "resource_link":
            return f"(resource {block.uri}: {block.name}, not read)"
        case "resource":
            held = block.resource
            words = getattr(held, "text", None)
            if words is not None:
                return f"resource {held.uri}:\n{words}"
            return f"(resource {held.uri}, {_size(getattr(held, 'blob', ''))} bytes, not shown)"


def _size(coded: str) -> int:
    """Bytes of what Base64 writes."""
    return len(coded) * 3 // 4
