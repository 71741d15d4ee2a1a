from __future__ import annotations

import math

from andon.connectors.received.moments import Moments


def test_moments_are_counted_and_what_has_none_is_taken_out() -> None:
    moments, items = Moments(), ["a", "b", "c", "d"]
    moments.settle(items, [2e9, 0, math.nan, 1e9], 1e9)
    assert items == ["a", "d"]
    assert (moments.items, moments.refused, moments.first, moments.last) == (2, 2, 1.0, 2.0)
    moments.settle(items, [5.0, 7.0])
    assert (moments.items, moments.refused, moments.first, moments.last) == (4, 2, 1.0, 7.0)


def test_nothing_is_nothing() -> None:
    moments, items = Moments(), ["a"]
    moments.settle([], [])
    moments.settle(items, [0])
    assert (moments.items, moments.refused, items) == (0, 1, [])
