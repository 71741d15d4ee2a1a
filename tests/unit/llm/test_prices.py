from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.llm.prices import Prices, cost


@dataclass
class Tokens:
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    unmeasured_requests: int = 0


def test_dollars_per_million_tokens():
    assert cost(Tokens(1_000_000, 1_000_000), Prices(3.0, 15.0)) == pytest.approx(18.0)


def test_cached_tokens_have_their_price():
    tokens = Tokens(input_tokens=1_000, output_tokens=100, cache_read_tokens=800)
    assert cost(tokens, Prices(3.0, 15.0, cached=0.3)) == pytest.approx(
        (200 * 3 + 800 * 0.3 + 100 * 15) / 1e6
    )


def test_cached_tokens_cost_like_others_where_no_price_is_stated():
    assert cost(Tokens(1_000, 0, 800), Prices(3.0, 15.0)) == pytest.approx(0.003)


def test_free_cached_tokens_are_free():
    assert cost(Tokens(1_000, 0, 1_000), Prices(3.0, 15.0, cached=0.0)) == 0.0


def test_without_a_price_or_a_count_there_is_no_figure():
    assert cost(Tokens(1_000, 1_000), None) is None
    assert cost(Tokens(1_000, 1_000, unmeasured_requests=1), Prices(3.0, 15.0)) is None


def test_a_free_model_costs_nothing_and_not_an_unknown_sum():
    assert cost(Tokens(1_000, 1_000), Prices(0.0, 0.0)) == 0.0


@given(*[st.integers(0, 10**9)] * 3, *[st.floats(0, 1000)] * 3)
def test_more_tokens_never_cost_less(read: int, written: int, cached: int, a: float, b: float, c: float):
    prices = Prices(a, b, min(a, c))
    little, more = (
        cost(Tokens(read, written, cached), prices),
        cost(Tokens(read + 1, written + 1, cached), prices),
    )
    assert little is not None and more is not None
    assert 0 <= little <= more * (1 + 1e-9) + 1e-9


def test_what_pydantic_ai_counts_is_taken():
    usage = pytest.importorskip("pydantic_ai.usage", reason="the extra llm is not installed")
    counted = usage.RequestUsage(input_tokens=1_000, output_tokens=10, cache_read_tokens=500)
    assert cost(counted, Prices(2.0, 4.0, 1.0)) == pytest.approx((500 * 2 + 500 * 1 + 10 * 4) / 1e6)
