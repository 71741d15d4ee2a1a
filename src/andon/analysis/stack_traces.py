"""Stack traces of Java, Kotlin, Python, JavaScript, .NET, Go and Ruby, reduced to what stays the same.

What stays is the type of the root exception and the innermost frames of the application's own code, without
line numbers and addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["StackTrace", "exception_type", "stack_trace"]

FRAMES: Final = 3
"""Innermost frames that tell one trace from another; those above are the framework's."""
TRACE_CHARACTERS: Final = 20_000
"""How much of a trace is read."""

_FRAMES = re.compile(
    r"""^[ \t]*(?:
        at\ (?:async\ )?(?P<at>[\w.$<>\[\]/@`+~-]{1,300})(?:\(|\ \((?:[^()\n]{1,300}:\d+:\d+|<anonymous>|native)\))
      | at\ (?P<bare>(?:file://)?[\w./\\:@-]{1,300}?):\d+:\d+$
      | File\ "(?P<file>[^"\n]{1,300})",\ line\ \d+(?:,\ in\ (?P<function>[^\n]{1,100}))?
      | (?:from\ )?(?P<ruby>[^\s:]{1,300}\.rb):\d+:in\ [`'](?P<method>[^'\n]{1,100})'
      | (?P<go>[\w./-]{1,200}\.(?:\(\*?\w+\)\.)?\w+(?:\.func\d+)*)\((?:0x|\.\.\.|\{|\))[^\n]*
    )""",
    re.VERBOSE | re.MULTILINE,
)
_EXCEPTION = re.compile(
    r"(?<![\w.$])((?:[A-Za-z_]\w*[.$])*[A-Z]\w*(?:Exception|Error|Failure|Fault|Interrupt|Exit))\b"
)
_CAUSED_BY = re.compile(r"^[ \t]*Caused by: ([\w.$]{1,300})", re.MULTILINE)
_PYTHON_LAST = re.compile(r"^([A-Za-z_][\w.]{0,200})(?::|[ \t]*$)", re.MULTILINE)
_PANIC = re.compile(r"^panic: ", re.MULTILINE)
_LIBRARY = re.compile(
    r"^(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|jakarta|org\.(?:springframework|apache|hibernate|eclipse|jboss|junit)"
    r"|io\.(?:netty|grpc|opentelemetry|micrometer)|reactor|com\.(?:fasterxml|zaxxer|google)|System|Microsoft|runtime|net/http)(?=[./(]|$)"
    r"|site-packages|dist-packages|node_modules|^node:|internal/|<frozen|lib/python\d|/gems/|lib/ruby"
)
_VOLATILE = re.compile(r"0x[0-9a-f]+|\$\$[\w$]+|(?<=[$@])[0-9a-f]{4,}|(?<=func)\d+|(?<=Lambda)\$?\d+")


@dataclass(frozen=True, slots=True)
class StackTrace:
    """The root exception's type, and up to FRAMES frames, innermost first: the application's own where it has any."""

    exception: str
    frames: tuple[str, ...]


def stack_trace(text: str) -> StackTrace | None:
    """The trace in a text, or None where there is no frame in it; where exceptions are chained, the root cause's."""
    text = text[:TRACE_CHARACTERS].replace("\r\n", "\n")
    first = _FRAMES.search(text)
    if first is None:
        return None
    causes = list(_CAUSED_BY.finditer(text))
    if first.group("file") is not None:
        return _python(text)
    if causes:
        cause = causes[-1]
        return StackTrace(cause[1].rstrip("."), _innermost(text[cause.end() :]) or _innermost(text))
    exception = (
        "panic" if _PANIC.search(text) else exception_type(text[: first.start()]) or exception_type(text)
    )
    return StackTrace(exception, _innermost(text))


def exception_type(text: str) -> str:
    """The first name in a text that is an exception's, with its package; empty where there is none."""
    found = _EXCEPTION.search(text)
    return found[1] if found else ""


def _python(text: str) -> StackTrace:
    last = [m for m in _FRAMES.finditer(text) if m.group("file") is not None][-1]
    named = _PYTHON_LAST.search(text, last.end())
    traceback = text[max(text.rfind("Traceback (most recent call last)"), 0) :]
    return StackTrace(named[1] if named else exception_type(text), _innermost(traceback, reverse=True))


def _innermost(text: str, *, reverse: bool = False) -> tuple[str, ...]:
    frames = [_frame(match) for match in _FRAMES.finditer(text)]
    if reverse:
        frames.reverse()
    own = [frame for frame in frames if not _LIBRARY.search(frame)]
    return tuple((own or frames)[:FRAMES])


def _frame(match: re.Match[str]) -> str:
    parts = match.groupdict()
    place = parts["at"] or parts["bare"] or parts["go"] or ""
    if parts["file"]:
        place = f"{parts['file']}:{parts['function'] or '<module>'}"
    elif parts["ruby"]:
        place = f"{parts['ruby']}:{parts['method']}"
    return _VOLATILE.sub("*", place)
