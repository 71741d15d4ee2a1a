"""What an exchange with a model costs, by prices that the config states.

No price list ships with andon and none is fetched. The snapshot of genai-prices, which comes along with
pydantic-ai, is not used either: it ages without a word, knows neither contracts nor gateways, and would price a
model of one's own by the namesake that somebody sells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Prices", "Usage", "cost"]

_MILLION = 1_000_000


class Usage(Protocol):
    """Tokens of one request or of many, as pydantic-ai counts them: `input_tokens` includes what a cache served."""

    @property
    def input_tokens(self) -> int: ...
    @property
    def output_tokens(self) -> int: ...
    @property
    def cache_read_tokens(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars per million tokens; `cached` is for input that the provider's cache served, None means like `input`."""

    input: float
    output: float
    cached: float | None = None


def cost(usage: Usage, prices: Prices | None) -> float | None:
    """Dollars for these tokens, None where no price is known or the provider did not count: never a guess.

    Tokens written to a provider's cache count as input; where a provider asks more for them, state the higher
    price as `input`.
    """
    if prices is None or getattr(usage, "unmeasured_requests", None):
        return None
    served = min(usage.cache_read_tokens, usage.input_tokens)
    cached = prices.input if prices.cached is None else prices.cached
    read = (usage.input_tokens - served) * prices.input + served * cached
    return (read + usage.output_tokens * prices.output) / _MILLION
