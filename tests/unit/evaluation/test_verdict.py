from __future__ import annotations

from dataclasses import dataclass

import pytest

from andon.evaluation import Culprit, GroundTruth, Level, judge


@dataclass(frozen=True)
class Guess:
    component: str
    mechanism: str = "bad-deploy"
    change: str | None = None
    likelihood: float = 0.6
    path: tuple[str, ...] = ()


CHANGED = GroundTruth("deploy", (Culprit(("stock",), ("bad-deploy",), ("stock", "web"), "e1"),))
BEFELL = GroundTruth("leak", (Culprit(("stock", "db"), ("resource-exhaustion",), ("stock", "web")),))
TWO = GroundTruth("two", (Culprit(("stock",), (), (), "e1"), Culprit(("db",), (), (), "e2")))
GUILTY = Guess("stock", change="e1", path=("stock", "web"))


def test_the_guilty_change_is_right_at_both_levels() -> None:
    found = judge(CHANGED, [GUILTY])
    assert found.right and found.mechanism and found.grounded
    assert found.within(1, Level.COMPONENT)
    assert found.likelihood == 0.6


def test_another_change_of_the_guilty_component_is_right_at_one_level_only() -> None:
    found = judge(CHANGED, [Guess("stock", change="e9"), GUILTY])
    assert not found.right and not found.grounded
    assert found.within(1, Level.COMPONENT)
    assert found.within(3)
    assert (found.changes, found.components) == ((2,), (1,))


@pytest.mark.parametrize(
    ("guess", "right"),
    [
        (Guess("db", "resource-exhaustion"), True),
        (Guess("db", "bad-deploy"), False),
        (Guess("web", "resource-exhaustion"), False),
        (Guess("db", "resource-exhaustion", change="e9"), False),
    ],
)
def test_where_nothing_was_changed_component_and_mechanism_decide_and_no_change_may_be_accused(
    guess: Guess, right: bool
) -> None:
    assert judge(BEFELL, [guess]).right is right


def test_a_right_answer_with_another_mechanism_or_a_wrong_chain_is_not_grounded() -> None:
    assert judge(CHANGED, [Guess("stock", "dns-failure", "e1", path=("stock", "web"))]).right
    assert not judge(CHANGED, [Guess("stock", "dns-failure", "e1", path=("stock", "web"))]).grounded
    assert not judge(CHANGED, [Guess("stock", change="e1", path=("stock", "mail", "web"))]).grounded


def test_of_two_culprits_one_must_come_first_and_both_among_three() -> None:
    one, other, innocent = Guess("stock", change="e1"), Guess("db", change="e2"), Guess("web", change="e3")
    assert judge(TWO, [other]).within(1)
    assert not judge(TWO, [other]).within(3)
    assert judge(TWO, [other, innocent, one]).within(3)
    assert not judge(TWO, [other, innocent, innocent, one]).within(3)
    assert judge(TWO, [one]).mechanism is None


def test_naming_anybody_on_a_control_is_wrong() -> None:
    quiet = GroundTruth("none")
    assert judge(quiet, [GUILTY]).false_culprit
    assert not judge(quiet, [GUILTY]).right
    assert not judge(quiet, []).false_culprit
    assert not judge(quiet, []).abstained


def test_naming_nobody_is_to_abstain() -> None:
    found = judge(CHANGED, [])
    assert found.abstained and not found.right and not found.within(3)
    assert found.likelihood is None
    assert found.mechanism is False
