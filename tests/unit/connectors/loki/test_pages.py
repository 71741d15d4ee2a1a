"""No entry is lost or doubled at the border of two pages."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.loki.api import Page, TooMuch
from andon.connectors.loki.pages import Overfull, pages
from andon.connectors.loki.streams import Entry


class Server:
    """Answers as Loki does: the first `limit` entries of [start, end), nothing longer than `longest`."""

    def __init__(self, moments: list[int], limit: int, longest: int = 1 << 60) -> None:
        self.entries = [Entry(ns, f"line {i}", {}, {}) for i, ns in enumerate(sorted(moments))]
        self.limit = limit
        self.longest = longest

    def page(self, _query: str, start: int, end: int) -> Page:
        if end - start > self.longest:
            raise TooMuch("too long")
        found = [entry for entry in self.entries if start <= entry.ns < end][: self.limit]
        return Page(found, len(found) >= self.limit, 0, 0)


def read(server: Server, start: int, end: int) -> tuple[list[str], int]:
    overfull = Overfull()
    found = [entry.line for page in pages(server, "", start, end, overfull) for entry in page.entries]
    return found, overfull.count


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), max_size=60), st.integers(2, 12))
def test_every_entry_comes_once_unless_a_moment_holds_too_many(moments: list[int], limit: int) -> None:
    server = Server(moments, limit)
    found, overfull = read(server, 0, 31)
    assert len(found) == len(set(found))
    if not overfull:
        assert sorted(found) == sorted(entry.line for entry in server.entries)
    else:
        assert any(moments.count(moment) >= limit for moment in moments)


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), max_size=60))
def test_a_window_that_is_too_long_is_split(moments: list[int]) -> None:
    server = Server([moment * 10**9 for moment in moments], 1000, longest=7 * 10**9)
    found, _ = read(server, 0, 31 * 10**9)
    assert sorted(found) == sorted(entry.line for entry in server.entries)


def test_too_many_at_one_moment_are_told() -> None:
    found, overfull = read(Server([5] * 10 + [6, 7], 4), 0, 10)
    assert overfull == 1
    assert "line 10" in found and "line 11" in found and len(found) == 6
