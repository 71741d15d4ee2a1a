"""The part of Logs Insights' query language that andon sends: fields, filter, stats count(*), sort by time, limit.

A query is parsed and evaluated record by record; what is not in this part of the language is refused, as AWS refuses
what it cannot parse. Fields of JSON records are discovered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from andon.telemetry import isoformat

__all__ = ["BadQuery", "Query", "Row"]

Row = Mapping[str, Any]
Condition = Callable[[Row], bool]

_TOKEN = re.compile(
    r'\s*(?:(?P<regex>/(?:[^/\\]|\\.)+/)|(?P<text>"[^"]*")|(?P<number>\d+)'
    r"|(?P<word>[@\w.]+)|(?P<sign><=|>=|!=|=|<|>|[()\[\],*+-]))"
)
_STATS = re.compile(r"stats count\(\*\) as (\w+)(?: by (.+))?")
_SHIFT = re.compile(r"toMillis\(@timestamp\) - (\d+) as (\w+)")


class BadQuery(Exception):
    """A query that is not in the language, or not in the part of it that is imitated."""


class Query:
    """A parsed query; `run` gives its rows, each a mapping of field to text."""

    def __init__(self, text: str) -> None:
        self._steps: list[Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = []
        self._shown = ["@timestamp", "@message"]
        self._counts = False
        self.matched = 0
        for command in _commands(text):
            self._steps.append(self._step(command))

    def run(self, rows: Iterable[Row], limit: int) -> list[dict[str, str]]:
        found = [dict(row) for row in rows]
        self.matched = len(found)
        for step in self._steps:
            found = step(found)
        if self._counts:
            return [{name: str(value) for name, value in row.items()} for row in found[:limit]]
        return [
            {name: _written(name, row[name]) for name in (*self._shown, "@ptr") if name in row}
            for row in found[:limit]
        ]

    def _step(self, command: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
        name, _, rest = command.partition(" ")
        if name == "fields":
            return self._fields(rest)
        if name == "filter":
            condition = _Conditions(rest).whole()
            return lambda rows: self._kept([row for row in rows if condition(row)])
        if name == "stats":
            self._counts = True
            return _stats(command)
        if name == "sort" and rest in ("@timestamp asc", "@timestamp desc"):
            return lambda rows: sorted(rows, key=lambda row: row["@timestamp"], reverse=rest.endswith("desc"))
        if name == "limit" and rest.isdecimal():
            return lambda rows: rows[: int(rest)]
        raise BadQuery(f"unexpected command: {command[:60]}")

    def _kept(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.matched = len(rows)
        return rows

    def _fields(self, rest: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
        names = [part.strip() for part in rest.split(",")]
        shift = next((match for name in names if (match := _SHIFT.fullmatch(name))), None)
        self._shown = [name for name in names if not _SHIFT.fullmatch(name)]
        if any(not re.fullmatch(r"@?\w+", name) for name in self._shown):
            raise BadQuery(f"unexpected fields: {rest[:60]}")
        if shift is None:
            return lambda rows: rows
        less, name = int(shift[1]), shift[2]
        return lambda rows: [row | {name: row["@timestamp"] - less} for row in rows]


def _commands(text: str) -> list[str]:
    """Split at the pipes that stand in no regular expression and no text."""
    return [part.strip() for part in re.findall(r'(?:/(?:[^/\\]|\\.)+/|"[^"]*"|[^|"/])+', text)]


def _stats(command: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    match = _STATS.fullmatch(command)
    if match is None:
        raise BadQuery(f"unexpected stats: {command[:60]}")
    name, keys = match[1], [key.strip() for key in (match[2] or "").split(",") if key.strip()]

    if not all(re.fullmatch(r"\w+", key) for key in keys):
        raise BadQuery(f"unexpected groups: {match[2][:60]}")

    def key_of(row: Row) -> tuple[tuple[str, str], ...]:
        return tuple((key, str(row[key])) for key in keys if key in row)

    def counted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        groups = Counter(map(key_of, rows))
        return [dict(key) | {name: count} for key, count in groups.items()]

    return counted


def _written(name: str, value: Any) -> str:
    if name != "@timestamp":
        return str(value)
    return isoformat(value / 1e3).replace("T", " ").replace("Z", f".{value % 1000:03d}")


class _Conditions:
    """`filter`: or, and, not, parentheses, comparisons, [not] in, [not] like, ispresent."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise BadQuery(f"unexpected token at: {text[at : at + 30]}")
            self._tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            at = match.end()
        self._at = 0

    def whole(self) -> Condition:
        found = self._either()
        if self._at != len(self._tokens):
            raise BadQuery(f"unexpected {self._tokens[self._at][1]}")
        return found

    def _either(self) -> Condition:
        found = [self._both()]
        while self._taken("or"):
            found.append(self._both())
        return found[0] if len(found) == 1 else lambda row: any(one(row) for one in found)

    def _both(self) -> Condition:
        found = [self._one()]
        while self._taken("and"):
            found.append(self._one())
        return found[0] if len(found) == 1 else lambda row: all(one(row) for one in found)

    def _one(self) -> Condition:
        if self._taken("not"):
            inner = self._one()
            return lambda row: not inner(row)
        if self._taken("("):
            inner = self._either()
            self._demand(")")
            return inner
        if self._taken("ispresent"):
            self._demand("(")
            field = self._next("word")
            self._demand(")")
            return lambda row: field in row
        return self._comparison(self._next("word"))

    def _comparison(self, field: str) -> Condition:
        negated = self._taken("not")
        if self._taken("in"):
            self._demand("[")
            values = [self._value()]
            while self._taken(","):
                values.append(self._value())
            self._demand("]")
            return lambda row: field in row and (str(row[field]) in values) != negated
        if self._taken("like"):
            pattern = re.compile(self._next("regex")[1:-1].replace(r"\/", "/"))
            return lambda row: (pattern.search(str(row.get(field, ""))) is not None) != negated
        sign, value = self._next("sign"), float(self._next("number"))
        holds = {
            "<": float.__lt__,
            "<=": float.__le__,
            ">": float.__gt__,
            ">=": float.__ge__,
            "=": float.__eq__,
        }
        if negated or sign not in holds:
            raise BadQuery(f"unexpected {sign}")
        return lambda row: field in row and holds[sign](float(row[field]), value)

    def _value(self) -> str:
        kind, value = self._tokens[self._at] if self._at < len(self._tokens) else ("", "the end")
        if kind not in ("text", "number"):
            raise BadQuery(f"unexpected {value}")
        self._at += 1
        return value.strip('"')

    def _taken(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] in (("word", word), ("sign", word)):
            self._at += 1
            return True
        return False

    def _demand(self, sign: str) -> None:
        if not self._taken(sign):
            raise BadQuery(f"expected {sign}")

    def _next(self, kind: str) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at][0] == kind:
            self._at += 1
            return self._tokens[self._at - 1][1]
        raise BadQuery(f"expected a {kind}")
