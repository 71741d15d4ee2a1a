from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from andon.investigation.agent.desk import Tried
from andon.investigation.agent.gate import Standing
from andon.investigation.agent.merging import DISPROVED, ONLY_NAMED, VOTE, decorated, merged
from andon.investigation.agent.voting import Ballot, Key, counted
from andon.investigation.case import Case
from andon.investigation.mechanisms import load_mechanisms
from andon.investigation.report import Evidence, Refutation
from andon.investigation.signs import Fit
from andon.investigation.suspects import Suspect, suspect_for
from andon.investigation.verification import Binding
from andon.investigation.writing import write
from unit.investigation.agent.desks import HEADING, desk, nothing

MECHANISM = load_mechanisms()[0]
EVIDENCE = Evidence("It failed", True, ("traces-1",), "traces", "It failed", {})


def suspect(element: str, score: float) -> Suspect:
    return Suspect(element, MECHANISM, None, (element,), score, Fit(1.0, ()), 1.0)


def case(**scores: float) -> Case:
    """The small incident, with these suspects in place of its own."""
    return replace(desk().case, suspects=tuple(suspect(e, score) for e, score in scores.items()))


def key(element: str) -> Key:
    return element, MECHANISM.slug, None


def named(element: str, likelihood: float = 0.9, why: str = "") -> Standing:
    return Standing(suspect(element, 0.0), likelihood, (EVIDENCE,), why, 1)


def failed(element: str, *, borne: bool = True, survived: bool = False) -> Tried:
    bindings = {"n": Binding("traces-1", "field", {"path": ["x"]}, "count", "1")} if borne else {}
    return Tried(key(element), Refutation("Did peers fail?", "they did not", survived, "", bindings))


def shares(of: Case, odds: Mapping[Key, float] | None = None) -> dict[str, float]:
    """What a report of the case tells as likelihoods, by component; what is not told is hardly likely."""
    report = write(HEADING, of, desk().box, odds)
    told = {one.component: one.likelihood for one in report.hypotheses}
    assert sum(told.values()) + report.something_else == pytest.approx(1.0)
    assert all(0 <= share <= 1 for share in (*told.values(), report.something_else))
    return dict.fromkeys((one.element for one in of.suspects), 0.0) | told


def test_a_vote_of_all_samples_makes_a_suspect_so_many_times_likelier() -> None:
    votes = [[named("bravo")]]
    of = case(alpha=0.5, bravo=0.4)
    both = merged(of, votes, counted(votes), ())
    assert both.odds == {key("bravo"): VOTE}
    alone, found = shares(of), shares(both.case, both.odds)
    assert found["bravo"] / found["alpha"] == pytest.approx(VOTE * alone["bravo"] / alone["alpha"])


@settings(max_examples=25, deadline=None)
@given(st.floats(0.02, 1), st.floats(0.02, 1), st.floats(0, 1))
def test_what_it_takes_for_a_vote_to_lift_the_second(first: float, second: float, weight: float) -> None:
    """As many times its likelihood as the leader is likelier; so no vote lifts a faint suspect over a strong leader."""
    of = case(alpha=first, bravo=second)
    alone = shares(of)
    assume(min(alone.values()) > 0.02)
    both = merged(of, (), Ballot(3, {}, {key("bravo"): weight}), ())
    found, factor = shares(both.case, both.odds), 1 + (VOTE - 1) * weight
    assume(abs(alone["bravo"] * factor / alone["alpha"] - 1) > 1e-6)
    assert (found["bravo"] > found["alpha"]) is (alone["bravo"] * factor > alone["alpha"])
    if alone["bravo"] < alone["alpha"] / VOTE:
        assert found["alpha"] > found["bravo"]


@settings(max_examples=25, deadline=None)
@given(st.floats(0.02, 1), st.floats(0, 1))
def test_what_the_model_alone_names_never_overtakes_who_scores_well(first: float, likelihood: float) -> None:
    votes = [[named("delta", likelihood)]]
    both = merged(case(alpha=first), votes, counted(votes), ())
    found = shares(both.case, both.odds)
    assert set(found) == {"alpha", "delta"}
    if first > ONLY_NAMED * VOTE**0.5 + 0.01:
        assert found["alpha"] > found["delta"]


def test_what_the_model_alone_names_starts_low_whatever_a_look_of_its_own_made_of_it() -> None:
    grand = replace(named("delta"), suspect=suspect("delta", 1.0))
    both = merged(case(alpha=0.5), [[grand]], counted([[grand]]), ())
    (_, new) = both.case.suspects
    assert new.score == pytest.approx(ONLY_NAMED)


def test_who_is_named_twice_is_added_once() -> None:
    votes = [[named("delta"), named("alpha")], [named("delta")]]
    both = merged(case(alpha=0.5), votes, counted(votes), ())
    assert [one.element for one in both.case.suspects] == ["alpha", "delta"]


def test_where_nothing_is_abnormal_the_model_names_nothing() -> None:
    quiet = nothing().case
    votes = [[named("delta")]]
    assert not quiet.location.abnormal and not quiet.suspects
    assert merged(quiet, votes, counted(votes), ()).case is quiet


def test_what_was_disproved_by_rows_counts_less_and_its_votes_nothing() -> None:
    votes = [[named("bravo")]]
    both = merged(case(alpha=0.5, bravo=0.5), votes, counted(votes), [failed("bravo")])
    assert both.odds == {key("bravo"): DISPROVED}
    again = merged(case(bravo=0.5), votes, counted(votes), [failed("bravo")] * 5)
    assert again.odds == {key("bravo"): DISPROVED}, "the same attempt counts once, however often it is made"
    for harmless in (failed("bravo", borne=False), failed("bravo", survived=True)):
        assert merged(case(bravo=0.5), votes, counted(votes), [harmless]).odds == {key("bravo"): VOTE}


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["alpha", "bravo", "charlie"]), st.floats(0, 1), max_size=3),
    st.lists(
        st.lists(
            st.builds(named, st.sampled_from(["alpha", "bravo", "delta", "echo"]), st.floats(0, 1)),
            max_size=4,
        ),
        max_size=5,
    ),
    st.lists(st.sampled_from(["alpha", "bravo", "delta"]), max_size=3),
)
def test_likelihoods_still_add_up_to_1(
    scores: dict[str, float], votes: list[list[Standing]], disproved: list[str]
) -> None:
    scores = {element: score for element, score in scores.items() if score >= 0.02}
    both = merged(case(**scores), votes, counted(votes), [failed(element) for element in disproved])
    assert len({one.key for one in both.case.suspects}) == len(both.case.suspects)
    shares(both.case, both.odds)


@given(
    st.lists(
        st.lists(st.builds(named, st.sampled_from(["alpha", "bravo", "delta"]), st.floats(0, 1)), max_size=3),
        max_size=5,
    ),
    st.randoms(),
)
def test_the_order_of_samples_does_not_count(votes: list[list[Standing]], random: object) -> None:
    shuffled = list(votes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one = merged(case(alpha=0.5, bravo=0.3), votes, counted(votes), ())
    other = merged(case(alpha=0.5, bravo=0.3), shuffled, counted(shuffled), ())
    assert shares(one.case, one.odds) == pytest.approx(shares(other.case, other.odds))


def test_a_report_says_who_named_what_and_with_which_evidence() -> None:
    one = desk()
    weighed = suspect_for(one.case.findings, one.case.location, "delta", MECHANISM, None)
    alone = replace(named("delta"), suspect=weighed)
    votes = [[alone, Standing(one.case.suspects[0], 0.1, (EVIDENCE,), why, 1)] for why in ("", "It failed.")]
    both = merged(one.case, votes, counted(votes), ())
    report = decorated(
        write(HEADING, both.case, one.box, both.odds), one.report, votes, [failed("delta", survived=True)]
    )
    first, second = report.hypotheses
    assert (first.component, first.found_by, first.reading) == ("charlie", ("engine", "model"), "It failed.")
    assert (second.component, second.found_by, second.reading) == ("delta", ("model",), "")
    assert [e.claim for e in first.evidence].count("It failed") == 1
    assert first.evidence[0] != EVIDENCE, "the engine's evidence comes first"
    assert any(r.attempt == "Did peers fail?" for r in second.refutations)
    assert sum(h.likelihood for h in report.hypotheses) + report.something_else == pytest.approx(1)
    assert first.likelihood < one.report.hypotheses[0].likelihood
