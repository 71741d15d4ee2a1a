"""LogQL, as much of it as is imitated: read into a query that says of each entry whether it is meant.

    query     = pipeline | metric
    metric    = "sum" [ "by" "(" names ")" ] "(" over ")" | over
    over      = ("count_over_time" | "bytes_over_time") "(" pipeline "[" duration "]" ")"
    pipeline  = "{" matchers "}" { ("|=" | "!=" | "|~" | "!~") string | "|" name matcher string }

Strings are double-quoted or in backticks; matchers are `=`, `!=`, `=~`, `!~`. Matchers of streams and labels are
anchored, line filters are not. Anything else is a parse error, as is a selector that could match everything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["LogQlError", "LogQuery", "Matcher", "MetricQuery", "parsed"]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>\"(?:[^\"\\]|\\.)*\"|`[^`]*`)|(?P<duration>(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|[smhdwy]))+)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>\|=|\|~|!=|!~|=~|[|=(){}\[\],]))"
)
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_UNITS |= {"d": 86_400 * 10**9, "w": 7 * 86_400 * 10**9, "y": 365 * 86_400 * 10**9}
_LINE_FILTERS = {"|=", "!=", "|~", "!~"}
_MATCHERS = {"=", "!=", "=~", "!~"}
_EMPTY = (
    "queries require at least one regexp or equality matcher that does not have an empty-compatible value. "
    'For instance, app=~".*" does not meet this requirement, but app=~".+" will'
)


class LogQlError(ValueError):
    """What Loki would say of a query that it cannot read."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on a label, or (without a name) on the line."""

    name: str
    how: str
    value: str
    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, name: str, how: str, value: str) -> Matcher:
        try:
            pattern = re.compile(value) if "~" in how else None
        except re.error as error:
            raise LogQlError(f"parse error : error parsing regexp: {error}") from None
        return cls(name, how, value, pattern)

    def admits(self, text: str) -> bool:
        """Whether a label's value passes, the whole of it."""
        found = text == self.value if self.pattern is None else self.pattern.fullmatch(text) is not None
        return found == (self.how in ("=", "=~"))

    def admits_line(self, line: str) -> bool:
        """Whether a line passes, by a part of it."""
        found = self.value in line if self.pattern is None else self.pattern.search(line) is not None
        return found == self.how.startswith("|")


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Streams, then conditions on lines and labels."""

    streams: tuple[Matcher, ...]
    lines: tuple[Matcher, ...]
    labels: tuple[Matcher, ...]

    def selects(self, labels: Mapping[str, str]) -> bool:
        return all(matcher.admits(labels.get(matcher.name, "")) for matcher in self.streams)

    def admits_labels(self, labels: Mapping[str, str]) -> bool:
        """Of the labels of a stream together with the structured metadata of an entry."""
        return all(matcher.admits(labels.get(matcher.name, "")) for matcher in self.labels)

    def admits_line(self, line: str) -> bool:
        return all(matcher.admits_line(line) for matcher in self.lines)


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """Entries or bytes of a log query in the nanoseconds before a moment, summed by labels (None: not summed)."""

    of: str
    query: LogQuery
    range: int
    by: tuple[str, ...] | None


def parsed(text: str) -> LogQuery | MetricQuery:
    """The query that a text is. Raises LogQlError."""
    reader = _Reader(text)
    found = reader.query()
    reader.expect_end()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise LogQlError(
                    f"parse error at line 1, col {at + 1}: syntax error: unexpected {text[at]!r}"
                )
            kind = str(match.lastgroup)
            self._tokens.append((kind, match[kind]))
            at = match.end()
        self._at = 0

    def query(self) -> LogQuery | MetricQuery:
        word = self._peek()
        if word == "{":
            return self._pipeline()
        if word != "sum":
            return self._over(None)
        self._next()
        by = self._names() if self._peek() == "by" else ()
        self._take("(")
        found = self._over(by)
        self._take(")")
        return found

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise self._unexpected()

    def _over(self, by: tuple[str, ...] | None) -> MetricQuery:
        of = self._next()
        if of not in ("count_over_time", "bytes_over_time"):
            raise self._unexpected()
        self._take("(")
        query = self._pipeline()
        self._take("[")
        kind, text = self._token()
        if kind != "duration":
            raise self._unexpected()
        self._take("]")
        self._take(")")
        return MetricQuery(of, query, _duration(text), by)

    def _names(self) -> tuple[str, ...]:
        self._take("by")
        self._take("(")
        names = []
        while self._peek() != ")":
            names.append(self._next())
            if self._peek() == ",":
                self._next()
        self._take(")")
        return tuple(names)

    def _pipeline(self) -> LogQuery:
        self._take("{")
        streams: list[Matcher] = []
        while self._peek() != "}":
            streams.append(self._matcher())
            if self._peek() == ",":
                self._next()
        self._take("}")
        if not any(m.how in ("=", "=~") and not m.admits("") for m in streams):
            raise LogQlError(f"parse error : {_EMPTY}")
        lines: list[Matcher] = []
        labels: list[Matcher] = []
        while True:
            sign = self._peek()
            if sign in _LINE_FILTERS:
                lines.append(Matcher.of("", self._next(), self._string()))
            elif sign == "|":
                self._next()
                labels.append(self._matcher())
            else:
                return LogQuery(tuple(streams), tuple(lines), tuple(labels))

    def _matcher(self) -> Matcher:
        kind, name = self._token()
        how = self._next()
        if kind != "name" or how not in _MATCHERS:
            raise self._unexpected()
        return Matcher.of(name, how, self._string())

    def _string(self) -> str:
        kind, text = self._token()
        if kind != "string":
            raise self._unexpected()
        try:
            return text[1:-1] if text[0] == "`" else str(json.loads(text))
        except json.JSONDecodeError:
            raise LogQlError("parse error : invalid char escape") from None

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _token(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise LogQlError("parse error : syntax error: unexpected end of input")
        self._at += 1
        return self._tokens[self._at - 1]

    def _next(self) -> str:
        return self._token()[1]

    def _take(self, sign: str) -> None:
        if self._next() != sign:
            raise self._unexpected()

    def _unexpected(self) -> LogQlError:
        at = min(self._at, len(self._tokens)) - 1
        return LogQlError(f"parse error : syntax error: unexpected {self._tokens[max(0, at)][1]!r}")


def _duration(text: str) -> int:
    """Nanoseconds of a duration like `5m` or `1h30m`."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|[smhdwy])", text)
    return round(sum(float(number) * _UNITS[unit] for number, unit in parts))
