from __future__ import annotations

from dataclasses import dataclass
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.llm.meter import Allowance, Meter, Spent


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_spent_is_counted() -> None:
    clock = Clock()
    meter = Meter(clock=clock)
    meter.before_request()
    meter.after_request(100, 20, 0.5)
    meter.answered(1000)
    clock.now += 7
    assert (meter.requests, meter.calls, meter.tokens, meter.bytes, meter.dollars) == (1, 1, 120, 1000, 0.5)
    assert (meter.seconds, meter.left) == (7, 293)


@pytest.mark.parametrize(
    ("allowance", "told"),
    [
        (Allowance(requests=2), "2 requests to the model"),
        (Allowance(tokens=240), "240 tokens"),
        (Allowance(dollars=1.0), "1 dollars"),
        (Allowance(bytes=2000), "2,000 bytes of tool answers"),
        (Allowance(seconds=14), "14 seconds"),
    ],
)
def test_nothing_is_sent_once_anything_is_used_up(allowance: Allowance, told: str) -> None:
    clock = Clock()
    meter = Meter(allowance, clock)
    for _ in range(2):
        meter.before_request()
        meter.after_request(100, 20, 0.5)
        meter.answered(1000)
        clock.now += 7
    with pytest.raises(Spent, match=told):
        meter.before_request()
    assert meter.requests == 2, "a request that is refused is not counted"


def test_without_a_price_money_is_unknown_and_does_not_stop_anything() -> None:
    meter = Meter(Allowance(dollars=0.1))
    meter.after_request(1, 1, None)
    meter.after_request(1, 1, 5.0)
    assert meter.dollars is None
    meter.before_request()


def test_of_time_that_is_over_nothing_is_left() -> None:
    clock = Clock()
    meter = Meter(Allowance(seconds=5), clock)
    clock.now += 50
    assert meter.left == 0
    assert Meter(Allowance(seconds=float("inf"))).left == float("inf")


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), st.floats(0, 1)), max_size=30))
def test_one_request_at_most_goes_over_the_allowance(usages: list[tuple[int, int, float]]) -> None:
    meter = Meter(Allowance(requests=10, tokens=1000, dollars=2.0))
    for tokens_in, tokens_out, dollars in usages:
        before = meter.tokens, meter.dollars or 0.0
        try:
            meter.before_request()
        except Spent:
            assert before[0] >= 1000 or before[1] >= 2.0 or meter.requests == 10
            break
        assert before[0] < 1000 and before[1] < 2.0
        meter.after_request(tokens_in, tokens_out, dollars)
    assert meter.requests <= 10


def test_threads_share_one_allowance() -> None:
    meter, refused = Meter(Allowance(requests=50)), []

    def ask() -> None:
        for _ in range(20):
            try:
                meter.before_request()
            except Spent:
                refused.append(1)

    threads = [Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (meter.requests, len(refused)) == (50, 50)
