from __future__ import annotations

import pytest

from andon.telemetry import SpanKind
from andon.testing.imitations.held_traces import HeldSpan
from andon.testing.imitations.tempo.traceql import ParseError, parsed

A = HeldSpan("1", "", "x", SpanKind.SERVER, 1, 1, True, "", {"service.name": "a"}, {"tier": "1"})
B = HeldSpan("2", "1", "y", SpanKind.CLIENT, 1, 1, False, "", {"service.name": "b"}, {})


@pytest.mark.parametrize(
    ("query", "matched"),
    [
        ("{ }", [A, B]),
        ('{ resource.service.name = "a" }', [A]),
        ('{ .service.name = "b" || span.tier = "1" }', [A, B]),
        ('{ (name = "x" || name = "y") && status = "error" }', [A]),
        ('{ name = "x" } && { name = "y" }', [A, B]),
        ('{ name = "x" } && { name = "z" }', []),
        ('{ span:parentID = "0000000000000001" }', [B]),
    ],
)
def test_what_matches(query: str, matched: list[HeldSpan]) -> None:
    assert parsed(query).matched([A, B]) == matched


@pytest.mark.parametrize(
    "query",
    ["", "{", "{ } |", "{ } | by(name)", "{ naem = 1 }", "{ name = x }", "{ } extra", '{ name = "x }'],
)
def test_what_is_not_understood(query: str) -> None:
    with pytest.raises(ParseError, match="parse error"):
        parsed(query)
