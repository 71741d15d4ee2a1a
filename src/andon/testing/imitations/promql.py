"""The part of PromQL that andon sends, executed on samples in memory.

Selectors with matchers; `rate`, `increase`, `count_over_time`, `avg_over_time` and `max_over_time`; `sum`, `avg`, `max`,
`min`, `count` and `quantile` with `by`; `histogram_quantile` and `label_replace`; `*`, `/` and `or`. Ranges are
extrapolated as Prometheus' documentation says, resets of counters are taken out. No subqueries, offsets, comparisons,
joins on some labels, or native histograms: a query that needs them is refused as bad data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from andon.testing.imitations.promql_functions import (
    AGGREGATIONS,
    OVER_TIME,
    BadQuery,
    Expression,
    Matcher,
    Selector,
    StoredSeries,
    aggregated,
    arithmetic,
    constant,
    either,
    histogram_quantile,
    labelled,
    over_range,
    quantile_of,
)

__all__ = ["BadQuery", "Expression", "StoredSeries", "parse", "parse_selector"]

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?(?![\w.]))|(?P<span>\d+(?:ms|s|m|h|d)(?:\d+(?:ms|s|m|h))*)'
    r"|(?P<name>[a-zA-Z_:][\w:]*)|(?P<sign>=~|!~|!=|[={}()\[\],*/]))"
)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse(text: str) -> Expression:
    """A query as a function of stored series and a moment. Raises BadQuery."""
    reader = _Reader(text)
    expression = reader.either()
    if reader.peek():
        raise BadQuery(f"unexpected {reader.peek()!r}")
    return expression


def parse_selector(text: str) -> Callable[[Sequence[StoredSeries]], list[StoredSeries]]:
    """A selector as a function that chooses among stored series. Raises BadQuery."""
    reader = _Reader(text)
    selector = reader.selector()
    if reader.peek():
        raise BadQuery(f"unexpected {reader.peek()!r}")
    return selector.chosen


class _Reader:
    """Tokens of a query, read from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        at, text = 0, text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise BadQuery(f"unexpected character at {at}: {text[at : at + 20]!r}")
            self.tokens.append(match[0].strip())
            at = match.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise BadQuery(f"unexpected {token!r}, expected {wanted or 'more'!r}")
        self.at += 1
        return token

    def text(self) -> str:
        token = self.take()
        if not token.startswith('"'):
            raise BadQuery(f"unexpected {token!r}, expected a text")
        return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], token[1:-1])

    def either(self) -> Expression:
        left = self.product()
        while self.peek() == "or":
            self.take()
            left = either(left, self.product())
        return left

    def product(self) -> Expression:
        left = self.operand()
        while self.peek() in ("*", "/"):
            how = self.take()
            left = arithmetic(how, left, self.operand())
        return left

    def operand(self) -> Expression:
        token = self.peek()
        if token == "{":
            return self.selector()
        if re.fullmatch(r"\d+(\.\d+)?", token):
            return constant(float(self.take()))
        if token == "(":
            self.take()
            inner = self.either()
            self.take(")")
            return inner
        name = self.take()
        if name in AGGREGATIONS:
            return self.aggregation(AGGREGATIONS[name])
        if name in OVER_TIME or name in ("rate", "increase"):
            return self.over_range(name)
        if name == "label_replace":
            return self.label_replace()
        if name in ("quantile", "histogram_quantile"):
            self.take("(")
            quantile = float(self.take())
            self.take(",")
            inner = self.either()
            self.take(")")
            return quantile_of(quantile, inner) if name == "quantile" else histogram_quantile(quantile, inner)
        raise BadQuery(f"unknown function with name {name!r}")

    def aggregation(self, how: Callable[[list[float]], float]) -> Expression:
        by: list[str] = []
        if self.peek() == "by":
            self.take()
            self.take("(")
            while self.peek() != ")":
                by.append(self.take())
                if self.peek() == ",":
                    self.take()
            self.take(")")
        self.take("(")
        inner = self.either()
        self.take(")")
        return aggregated(how, frozenset(by), inner)

    def over_range(self, name: str) -> Expression:
        self.take("(")
        selector = self.selector()
        self.take("[")
        spans = re.findall(r"(\d+)(ms|s|m|h|d)", self.take())
        self.take("]")
        self.take(")")
        return over_range(name, selector, sum(int(number) * _UNITS[unit] for number, unit in spans))

    def label_replace(self) -> Expression:
        self.take("(")
        inner = self.either()
        texts = []
        while self.peek() == ",":
            self.take()
            texts.append(self.text())
        self.take(")")
        if len(texts) != 4 or texts[2] or texts[3]:
            raise BadQuery("label_replace is only known with an empty source")
        return labelled(texts[0], texts[1], inner)

    def selector(self) -> Selector:
        matchers = []
        self.take("{")
        while self.peek() != "}":
            name, how = self.take(), self.take()
            if how not in ("=", "!=", "=~", "!~"):
                raise BadQuery(f"unexpected {how!r} in label matching")
            matchers.append(Matcher(name, how, self.text()))
            if self.peek() == ",":
                self.take()
        self.take("}")
        if not any(_says_something(matcher) for matcher in matchers):
            raise BadQuery("match[] must contain at least one non-empty matcher")
        return Selector(tuple(matchers))


def _says_something(matcher: Matcher) -> bool:
    return not matcher.takes({})
