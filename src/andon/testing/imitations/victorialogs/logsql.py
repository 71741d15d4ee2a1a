"""LogsQL, as much of it as is imitated: read into a filter of records, and how to count them.

    query   = filter [ "|" "stats" [ "by" "(" names ")" ] function "as" name { "," function "as" name } ]
    filter  = term { "or" term };   term = factor { ["and"] factor }
    factor  = "!" factor | "(" filter ")" | "*" | "_time" ":" "[" time "," time ")" | name ":" "~" string
            | name ":" "in" "(" string { "," string } ")"
    function = "count" "(" ")" | "sum_len" "(" name ")"

A field that a record lacks has the empty value. Regular expressions match a part of the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

__all__ = ["LogsQlError", "LogsQuery", "Stats", "parsed", "parsed_filter"]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<time>\d{4}-\d\d-\d\dT[\d:.]+Z)|(?P<name>[A-Za-z_][\w.]*)"
    r"|(?P<sign>[!()\[\],:~*|]))"
)

Filter = Callable[[int, Mapping[str, str]], bool]
"""Whether a record passes: its Unix nanoseconds, and its fields with `_msg`."""


class LogsQlError(ValueError):
    """What VictoriaLogs would say of a query that it cannot read."""


@dataclass(frozen=True, slots=True)
class Stats:
    """Which fields are grouped by, and what is computed: pairs of a function's field (empty: count) and a name."""

    by: tuple[str, ...]
    functions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LogsQuery:
    """A filter with the span [start, end) of Unix nanoseconds outside of which nothing passes it."""

    admits: Filter
    start: int
    end: int
    stats: Stats | None


def parsed(text: str) -> LogsQuery:
    """The query that a text is. Raises LogsQlError."""
    reader = _Reader(text)
    admits = reader.either()
    stats = reader.stats() if reader.peek() == "|" else None
    reader.expect_end()
    return LogsQuery(admits, reader.start, reader.end, stats)


def parsed_filter(text: str) -> Filter:
    """The filter that a text is, without pipes. Raises LogsQlError."""
    query = parsed(text)
    if query.stats is not None:
        raise LogsQlError("unexpected pipes in extra_filters")
    return query.admits


class _Reader:
    def __init__(self, text: str) -> None:
        self.start, self.end = 0, 1 << 62
        self._depth = 0
        self._tokens: list[tuple[str, str]] = []
        self._at = at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise LogsQlError(f"cannot parse query: unexpected {text[at : at + 20]!r}")
            kind = str(match.lastgroup)
            self._tokens.append((kind, match[kind]))
            at = match.end()

    def peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise LogsQlError(f"cannot parse query: unexpected {self.peek()!r}")

    def either(self) -> Filter:
        terms = [self._term()]
        while self.peek() == "or":
            self._next()
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else lambda ns, fields: any(t(ns, fields) for t in terms)

    def stats(self) -> Stats:
        self._take("|")
        self._take("stats")
        by: list[str] = []
        if self.peek() == "by":
            self._next()
            self._take("(")
            while self.peek() != ")":
                by.append(self._name())
                if self.peek() == ",":
                    self._next()
            self._take(")")
        functions = [self._function()]
        while self.peek() == ",":
            self._next()
            functions.append(self._function())
        return Stats(tuple(by), tuple(functions))

    def _function(self) -> tuple[str, str]:
        name = self._next()
        if name not in ("count", "sum_len"):
            raise LogsQlError(f"unknown stats function {name!r}")
        self._take("(")
        field = self._name() if name == "sum_len" else ""
        self._take(")")
        self._take("as")
        return field, self._name()

    def _term(self) -> Filter:
        factors = [self._factor()]
        while self.peek() not in ("", "or", ")", "|"):
            if self.peek() == "and":
                self._next()
            factors.append(self._factor())
        return lambda ns, fields: all(factor(ns, fields) for factor in factors)

    def _factor(self) -> Filter:
        sign = self.peek()
        if sign == "!":
            self._next()
            self._depth += 1
            inner = self._factor()
            self._depth -= 1
            return lambda ns, fields: not inner(ns, fields)
        if sign == "(":
            self._next()
            self._depth += 1
            inner = self.either()
            self._depth -= 1
            self._take(")")
            return inner
        if sign == "*":
            self._next()
            return lambda _ns, _fields: True
        name = self._name()
        self._take(":")
        return self._time() if name == "_time" else self._condition(name)

    def _condition(self, name: str) -> Filter:
        how = self._next()
        if how == "~":
            try:
                pattern = re.compile(self._string())
            except re.error as error:
                raise LogsQlError(f"invalid regexp: {error}") from None
            return lambda _ns, fields: pattern.search(fields.get(name, "")) is not None
        if how != "in":
            raise LogsQlError(f"this filter is not imitated: {name}:{how}")
        self._take("(")
        values: set[str] = set()
        while self.peek() != ")":
            values.add(self._string())
            if self.peek() == ",":
                self._next()
        self._take(")")
        return lambda _ns, fields: fields.get(name, "") in values

    def _time(self) -> Filter:
        self._take("[")
        start = _nanoseconds(self._next())
        self._take(",")
        end = _nanoseconds(self._next())
        self._take(")")
        if not self._depth:
            self.start, self.end = max(self.start, start), min(self.end, end)
        return lambda ns, _fields: start <= ns < end

    def _name(self) -> str:
        kind, text = self._token()
        if kind == "string":
            return str(json.loads(text))
        if kind != "name":
            raise LogsQlError(f"cannot parse query: unexpected {text!r}")
        return text

    def _string(self) -> str:
        kind, text = self._token()
        if kind not in ("string", "name"):
            raise LogsQlError(f"cannot parse query: unexpected {text!r}")
        return str(json.loads(text)) if kind == "string" else text

    def _token(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise LogsQlError("cannot parse query: unexpected end")
        self._at += 1
        return self._tokens[self._at - 1]

    def _next(self) -> str:
        return self._token()[1]

    def _take(self, sign: str) -> None:
        if (found := self._next()) != sign:
            raise LogsQlError(f"cannot parse query: unexpected {found!r}; want {sign!r}")


def _nanoseconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise LogsQlError(f"cannot parse time {text!r}") from None
    return int(moment.replace(microsecond=0).timestamp()) * 10**9 + moment.microsecond * 1000
