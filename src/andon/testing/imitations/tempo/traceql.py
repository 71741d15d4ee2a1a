"""The part of TraceQL that is sent by andon: spansets of equalities, `&&` between them, `select`, `count_over_time`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from andon.testing.imitations.held_traces import HeldSpan

__all__ = ["ParseError", "Query", "parsed"]

Predicate = Callable[[HeldSpan], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>&&|\|\||[{}()|=,])|(?P<word>[A-Za-z_.][\w.:/-]*))"""
)
_INTRINSIC = frozenset(["name", "kind", "status", "statusMessage", "span:parentID"])
_SCOPES = ("resource.", "span.", "event.", ".")


class ParseError(Exception):
    """What Tempo says of a query that it does not understand."""


@dataclass(frozen=True, slots=True)
class Query:
    """Spansets that a trace must all have, the fields of their spans that are told, and the metric, if one is asked."""

    spansets: tuple[Predicate, ...]
    fields: tuple[str, ...] = ()
    metric: str = ""

    def matched(self, spans: Sequence[HeldSpan]) -> list[HeldSpan]:
        """The spans in any of the spansets, if each of them holds some."""
        found: dict[int, HeldSpan] = {}
        for holds in self.spansets:
            part = {id(span): span for span in spans if holds(span)}
            if not part:
                return []
            found |= part
        return [span for span in spans if id(span) in found]


@lru_cache(maxsize=256)
def parsed(text: str, knows_parents: bool = True) -> Query:
    """The query. Raises ParseError."""
    return _Parser(text, knows_parents).query()


def _anything(_: HeldSpan) -> bool:
    return True


class _Parser:
    def __init__(self, text: str, knows_parents: bool) -> None:
        self.knows_parents = knows_parents
        self.tokens = list(_tokens(text))
        self.at = 0

    def query(self) -> Query:
        spansets = [self._spanset()]
        while self._take("&&"):
            spansets.append(self._spanset())
        fields: tuple[str, ...] = ()
        metric = ""
        if self._take("|"):
            stage = self._next()
            self._expect("(")
            if stage == "select":
                fields = self._fields()
            elif stage in ("rate", "count_over_time"):
                metric = stage
            else:
                raise self._unexpected(stage)
            self._expect(")")
        if self.at < len(self.tokens):
            raise self._unexpected(self.tokens[self.at])
        return Query(tuple(spansets), fields, metric)

    def _spanset(self) -> Predicate:
        self._expect("{")
        if self._take("}"):
            return _anything
        holds = self._either()
        self._expect("}")
        return holds

    def _either(self) -> Predicate:
        parts = [self._both()]
        while self._take("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda span: any(part(span) for part in parts)

    def _both(self) -> Predicate:
        parts = [self._one()]
        while self._take("&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda span: all(part(span) for part in parts)

    def _one(self) -> Predicate:
        if self._take("("):
            holds = self._either()
            self._expect(")")
            return holds
        name = self._field()
        self._expect("=")
        literal = self._next()
        if not literal.startswith('"'):
            raise self._unexpected(literal)
        wanted = json.loads(literal)
        return lambda span: span.field(name) == wanted

    def _fields(self) -> tuple[str, ...]:
        found = [self._field()]
        while self._take(","):
            found.append(self._field())
        return tuple(found)

    def _field(self) -> str:
        name = self._next()
        known = name in _INTRINSIC and (name != "span:parentID" or self.knows_parents)
        if not known and not name.startswith(_SCOPES):
            raise self._unexpected(name)
        return name

    def _next(self) -> str:
        if self.at >= len(self.tokens):
            raise self._unexpected("$end")
        self.at += 1
        return self.tokens[self.at - 1]

    def _take(self, token: str) -> bool:
        found = self.at < len(self.tokens) and self.tokens[self.at] == token
        self.at += found
        return found

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise self._unexpected(found)

    def _unexpected(self, token: str) -> ParseError:
        return ParseError(
            f"invalid TraceQL query: parse error at line 1, col {self.at + 1}: syntax error: unexpected {token}"
        )


def _tokens(text: str) -> Iterator[str]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise ParseError(f"invalid TraceQL query: parse error at line 1, col {at + 1}: unknown symbol")
        yield match["text"] or match["sign"] or match["word"]
        at = match.end()
