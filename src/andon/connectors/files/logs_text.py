"""Plain text logs: a time at or near the start of a line opens a record, lines without one continue it.

Sources: RFC 5424 and RFC 3164 (syslog), the NCSA common log format, and the layouts of the usual
logging libraries. The text of a record is kept as it is, less its time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from andon.connectors.files.columns import Collected
from andon.connectors.files.fields import severity_of
from andon.connectors.files.reader import FileReader
from andon.connectors.files.times import TimeParser
from andon.telemetry import ERROR, INFO

__all__ = ["LAYOUTS", "Line", "layout_of", "opens_record", "parse_text_logs", "severity_in"]

_ZONE = r"(?: ?(?:Z|UTC|[+-]\d\d:?\d\d)\b)?"
_ISO = re.compile(
    rf"[\[(<]?(\d{{4}}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?{_ZONE})[\])>]?[\s:,;|-]*"
)
_RFC5424 = re.compile(
    r"<(\d{1,3})>\d{1,2} (\S+) (\S+) (\S+) (\S+) (\S+) (?:-|(?:\[(?:[^\]\"\\]|\"(?:[^\"\\]|\\.)*\"|\\.)*\])+) ?"
)
_SYSLOG = re.compile(
    r"(?:<(\d{1,3})>)?([A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) (\S+) ([^\s:\[]+)(?:\[[^\]]*\])?: ?"
)
_SYSLOG_BARE = re.compile(r"([A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) ")
_APACHE = re.compile(r"(\S+ \S+ \S+ )\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?)\] ?")
_APACHE_STATUS = re.compile(r'" (\d{3}) ')
_CTIME = re.compile(
    r"\[?([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4})\]?[\s:,|-]*"
)
_EPOCH = re.compile(r"\[?(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})\]?[\s:,|]\s*")
_LEVEL = re.compile(
    r"\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|CRITICAL|CRIT|FATAL|PANIC|ALERT|EMERG)\b"
    r"|(?:\[|level=\"?|severity=\"?|lvl=\"?)([A-Za-z]{1,9})\b"
    r"|^([DIWEFV])(?:\d{4}| )"
)
_LEVEL_WITHIN = 120


@dataclass(frozen=True, slots=True)
class Line:
    """The opening line of a record: its time as written, level, service and text."""

    time: str
    severity: int
    service: str
    body: str


Layout = Callable[[str], Line | None]


def _iso(text: str) -> Line | None:
    match = _ISO.match(text)
    if match is None:
        return None
    body = text[match.end() :]
    return Line(match[1], severity_in(body), "", body)


def _rfc5424(text: str) -> Line | None:
    match = _RFC5424.match(text)
    if match is None:
        return None
    priority, time, _host, app, *_ = match.groups()
    return Line(time, severity_of(int(priority) % 8), "" if app == "-" else app, text[match.end() :])


def _syslog(text: str) -> Line | None:
    match = _SYSLOG.match(text)
    if match is None:
        bare = _SYSLOG_BARE.match(text)
        return Line(bare[1], severity_in(text[bare.end() :]), "", text[bare.end() :]) if bare else None
    priority, time, _host, app = match.groups()
    body = text[match.end() :]
    return Line(time, severity_of(int(priority) % 8) if priority else severity_in(body), app, body)


def _apache(text: str) -> Line | None:
    match = _APACHE.match(text)
    if match is None:
        return None
    body = match[1] + text[match.end() :]
    status = _APACHE_STATUS.search(body)
    return Line(match[2], ERROR if status and status[1] >= "500" else INFO, "", body)


def _ctime(text: str) -> Line | None:
    match = _CTIME.match(text)
    if match is None:
        return None
    body = text[match.end() :]
    return Line(match[1], severity_in(body), "", body)


def _epoch(text: str) -> Line | None:
    match = _EPOCH.match(text)
    if match is None:
        return None
    body = text[match.end() :]
    return Line(match[1], severity_in(body), "", body)


LAYOUTS: tuple[tuple[str, Layout], ...] = (
    ("ISO 8601", _iso),
    ("RFC 5424 syslog", _rfc5424),
    ("syslog without a year", _syslog),
    ("Apache access log", _apache),
    ("weekday, month, day, time, year", _ctime),
    ("epoch", _epoch),
)


def layout_of(text: str) -> tuple[str, Line] | None:
    """The name of the first layout that a line fits, and what it reads; None when it opens no record."""
    for name, layout in LAYOUTS:
        line = layout(text)
        if line is not None:
            return name, line
    return None


def parse_text_logs(file: FileReader, into: Collected) -> None:
    """Records of a plain text log; lines before the first time are counted as left out."""
    limit = file.bundle.limits.text
    layouts = [layout for _, layout in LAYOUTS]
    logs = into.logs
    time, opening, more, held = 0.0, Line("", 0, "", ""), [""], 0
    opened = False

    def close() -> None:
        logs.add(time, opening.severity, opening.service or file.service, "\n".join(more), "", {})

    for first, batch in file.line_batches(limit):
        for number, raw in enumerate(batch, first):
            text = file.text(raw, number).rstrip("\r")
            found, moment = _opening(file, text, layouts)
            if found is not None:
                if opened:
                    close()
                time, opening, more, held, opened = moment, found, [found.body], len(found.body), True
            elif not opened:
                if text.strip():
                    file.problem("line before the first time left out", line=number)
            elif held + len(text) <= limit:
                more.append(text)
                held += len(text)
            else:
                file.problem(f"record longer than {limit:,} characters was cut", line=number)
    if not opened:
        raise file.error(
            "no line begins with a time", expected="a log with a time at the start of its lines", hint=_HINT
        )
    close()


_HINT = "times may be ISO 8601, syslog, Apache, epoch, or `Fri Jun 19 10:25:00 2026`"


def _opening(file: FileReader, text: str, layouts: list[Layout]) -> tuple[Line | None, float]:
    """The record that a line opens with its time; the layout that fitted last is tried first."""
    if not text or text[0] in " \t":
        return None, 0.0
    for i, layout in enumerate(layouts):
        line = layout(text)
        if line is not None:
            time = file.times.text(line.time)
            if time == time:
                if i:
                    layouts.insert(0, layouts.pop(i))
                return line, time
    return None, 0.0


def opens_record(raw: bytes) -> bool:
    """Whether a line begins a record whatever came before it."""
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    if not text or text[0] in " \t":
        return False
    read = TimeParser().text
    return any(
        line is not None and read(line.time) == read(line.time) for line in (f(text) for _, f in LAYOUTS)
    )


def severity_in(text: str) -> int:
    """The severity that the beginning of a record names, 0 when none."""
    for match in _LEVEL.finditer(text, 0, _LEVEL_WITHIN):
        severity = severity_of(match[1] or match[2] or match[3])
        if severity:
            return severity
    return 0
