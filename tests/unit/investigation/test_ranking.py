from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.location import Location
from andon.investigation.mechanisms import load_mechanisms
from andon.investigation.ranking import PIN, likelihoods, unseen
from andon.investigation.report import Coverage
from andon.investigation.signs import Fit
from andon.investigation.suspects import Suspect
from andon.telemetry import Status

HERE = Location("failures", (), abnormal=True, strength=9.0)
scores = st.lists(st.floats(0.001, 1), min_size=1, max_size=9)
doubts = st.floats(0, 0.5)


def suspects(*scores: float) -> list[Suspect]:
    mechanism = load_mechanisms()[0]
    return [Suspect(f"s{i}", mechanism, None, (), score, Fit(1.0, ()), 1.0) for i, score in enumerate(scores)]


def covered(*statuses: Status) -> list[Coverage]:
    return [Coverage(f"tool{i}", "prod", "", status, 0) for i, status in enumerate(statuses)]


@given(scores, doubts)
def test_likelihoods_and_something_else_add_up_to_one(many: list[float], doubt: float) -> None:
    found, rest = likelihoods(suspects(*many), HERE, doubt)
    assert sum(found) + rest == pytest.approx(1)
    assert all(0 < likelihood < 1 for likelihood in found)
    assert rest > doubt - 1e-9


@given(scores, doubts)
def test_a_higher_score_is_never_less_likely(many: list[float], doubt: float) -> None:
    found, _ = likelihoods(suspects(*sorted(many)), HERE, doubt)
    assert list(found) == sorted(found)


@given(scores, st.integers(0, 8))
def test_a_pin_raises_its_component(many: list[float], pinned: int) -> None:
    pinned %= len(many)
    before, _ = likelihoods(suspects(*many), HERE, 0.0)
    after, rest = likelihoods(
        suspects(*many), HERE, 0.0, [PIN if number == pinned else 1.0 for number in range(len(many))]
    )
    assert after[pinned] >= before[pinned] - 1e-9
    assert sum(after) + rest == pytest.approx(1)


def test_nobody_suspected() -> None:
    assert likelihoods([], HERE, 0.2) == ((), 1.0)


def test_doubt_goes_to_something_else() -> None:
    assert likelihoods(suspects(0.9), HERE, 0.4)[1] > likelihoods(suspects(0.9), HERE, 0.0)[1]


def test_weak_suspects_leave_more_to_something_else() -> None:
    assert likelihoods(suspects(0.05), HERE, 0.0)[1] > likelihoods(suspects(0.9), HERE, 0.0)[1]


def test_a_whole_answer_leaves_nothing_unseen() -> None:
    assert unseen(covered(Status.OK, Status.OK)) == 0
    assert unseen([]) == 0


def test_what_was_refused_weighs_more_than_what_was_cut_off() -> None:
    order = [
        unseen(covered(status)) for status in (Status.OK, Status.PARTIAL, Status.TRUNCATED, Status.DENIED)
    ]
    assert order == sorted(order)
    assert order[0] < order[-1]
    assert unseen(covered(Status.FAILED)) == unseen(covered(Status.DENIED))


def test_a_tool_counts_once_by_its_worst_answer() -> None:
    twice = covered(Status.DENIED) + covered(Status.DENIED)
    assert unseen(twice) == unseen(covered(Status.DENIED))


@given(st.lists(st.sampled_from(Status), max_size=40))
def test_doubt_stays_within_bounds(statuses: list[Status]) -> None:
    assert 0 <= unseen(covered(*statuses)) <= 0.5


def test_documents_that_cannot_be_read_leave_no_doubt_about_now() -> None:
    assert unseen([Coverage("knowledge", "runbooks", "", Status.PARTIAL, 0)]) == 0
    assert unseen([Coverage("logs", "prod", "", Status.PARTIAL, 0)]) > 0
