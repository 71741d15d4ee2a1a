from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.agent.gate import Standing
from andon.investigation.agent.voting import Ballot, Key, counted, settled
from andon.investigation.mechanisms import load_mechanisms
from andon.investigation.signs import Fit
from andon.investigation.suspects import Suspect

MECHANISM = load_mechanisms()[0]


def standing(element: str, likelihood: float) -> Standing:
    suspect = Suspect(element, MECHANISM, None, (element,), 1.0, Fit(1.0, ()), 1.0)
    return Standing(suspect, likelihood, (), "")


def key(element: str) -> Key:
    return element, MECHANISM.slug, None


def sample(**likelihoods: float) -> list[Standing]:
    return [standing(element, likelihood) for element, likelihood in likelihoods.items()]


samples = st.lists(
    st.lists(
        st.builds(standing, st.sampled_from("abcd"), st.floats(0, 1)),
        max_size=3,
        unique_by=lambda s: s.suspect.element,
    ),
    max_size=12,
)


def test_what_a_sample_says_is_divided_among_what_it_names() -> None:
    ballot = counted([sample(a=0.6, b=0.2), sample(a=0.5), []])
    assert ballot.leaders == {key("a"): 2}
    assert ballot.weights[key("a")] == pytest.approx((0.75 + 1) / 3)
    assert ballot.weights[key("b")] == pytest.approx(0.25 / 3)
    assert ballot.agreement == pytest.approx(2 / 3)


def test_likelihoods_of_zero_are_shared_evenly() -> None:
    assert counted([sample(a=0.0, b=0.0)]).weights == {key("a"): 0.5, key("b"): 0.5}


def test_nobody_leads_where_nobody_names_anything() -> None:
    for none in ([], [[]], [[], []]):
        ballot = counted(none)
        assert (ballot.leader, ballot.agreement, ballot.weights) == (None, 0.0, {})


def test_of_equal_votes_the_weightier_leads() -> None:
    assert counted([sample(a=0.9), sample(b=0.8, a=0.7)]).leader == key("a")


@given(samples)
def test_weights_are_shares(drawn: list[list[Standing]]) -> None:
    ballot = counted(drawn)
    assert all(0 <= weight <= 1 + 1e-9 for weight in ballot.weights.values())
    assert sum(ballot.weights.values()) <= 1 + 1e-9
    assert sum(ballot.leaders.values()) == sum(bool(one) for one in drawn)
    assert 0 <= ballot.agreement <= 1
    assert set(ballot.leaders) <= set(ballot.weights)


@given(samples, st.randoms())
def test_the_order_of_samples_does_not_count(drawn: list[list[Standing]], random: object) -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = counted(drawn), counted(shuffled)
    assert one.leaders == other.leaders
    assert {k: pytest.approx(v) for k, v in one.weights.items()} == other.weights
    most = len(drawn) + 2
    assert settled(one, most) == settled(other, most)


def ballot(*leaders: int, abstained: int = 0) -> Ballot:
    named = {key(f"c{n}"): votes for n, votes in enumerate(leaders) if votes}
    return Ballot(sum(leaders) + abstained, named, dict.fromkeys(named, 0.1))


def chance_ahead(first: int, second: int) -> float:
    """P(p > 1/2) for p ~ Beta(first + 1, second + 1), summed by the trapezoid rule."""
    steps = 4000
    grid = [n / steps for n in range(steps + 1)]
    density = [p**first * (1 - p) ** second for p in grid]
    areas = [(low + high) / 2 for low, high in pairwise(density)]
    return sum(areas[steps // 2 :]) / sum(areas)


@given(st.lists(st.integers(0, 9), max_size=4), st.integers(0, 6), st.integers(0, 30))
def test_it_stops_only_where_nobody_can_or_will_hardly_overtake(
    votes: list[int], abstained: int, left: int
) -> None:
    now = ballot(*votes, abstained=abstained)
    ordered = [*sorted(votes, reverse=True), 0, 0]
    overtakable = ordered[0] <= ordered[1] + left and left > 0
    if settled(now, now.samples + left) and overtakable:
        assert ordered[0] > 0
        assert chance_ahead(ordered[0], ordered[1]) >= 0.95 - 1e-3


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(0, 6))
def test_with_nothing_left_to_draw_a_lead_is_settled(votes: list[int], abstained: int) -> None:
    now, ordered = ballot(*votes, abstained=abstained), sorted(votes, reverse=True)
    ahead = ordered[0] > (ordered[1] if len(ordered) > 1 else 0)
    assert settled(now, now.samples) is (ahead or not any(votes))


@pytest.mark.parametrize(
    ("votes", "abstained", "most", "stops"),
    [
        ((3,), 0, 9, False),
        ((4,), 0, 9, True),
        ((3,), 0, 5, True),
        ((2, 1), 0, 9, False),
        ((5, 1), 0, 50, False),
        ((7, 1), 0, 50, True),
        ((), 3, 9, False),
        ((), 3, 3, True),
        ((1,), 2, 9, False),
    ],
)
def test_when_it_stops(votes: tuple[int, ...], abstained: int, most: int, *, stops: bool) -> None:
    assert settled(ballot(*votes, abstained=abstained), most) is stops
