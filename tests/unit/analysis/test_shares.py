from __future__ import annotations

import pytest

from andon.analysis.calls import CallTally, Tally
from andon.analysis.node_masses import NodeMass
from andon.analysis.shares import account_calls, account_masses, link_place, symptom_strength


def tally(caller: str, callee: str = "", *, failures: float = 0, delay: float = 0, noise: float = 1) -> Tally:
    counts = dict.fromkeys(Tally.__dataclass_fields__, 0)
    fields = counts | {
        "caller": caller,
        "callee": callee,
        "failures": failures,
        "failures_noise": noise,
        "delay": delay,
        "delay_noise": noise,
        "bins": (),
        "bin_errors": (),
        "bin_seconds": (),
    }
    return Tally(**fields)


def node(
    service: str, added: float, *, usual: float = 100, requests: float = 10, noise: float = 0
) -> NodeMass:
    return NodeMass(service, f"{service} latency", "", added, noise, usual, requests, 0, 0, 0, 1)


def test_a_failing_callee_has_the_share() -> None:
    calls = CallTally(
        (tally("a", failures=101), tally("b", failures=101)), (tally("a", "b", failures=101),), ()
    )
    found = account_calls(calls, "failures", ["a"])
    assert found.shares == {"b": 1}
    assert found.carried[link_place("a", "b")] == 1


def test_calls_that_do_not_arrive_are_a_place_of_their_own() -> None:
    calls = CallTally((tally("a", failures=101), tally("b")), (tally("a", "b", failures=101),), ())
    assert account_calls(calls, "failures", ["a"]).shares == {link_place("a", "b"): 1}


def test_what_lies_within_the_noise_is_nothing() -> None:
    calls = CallTally((tally("a", delay=5, noise=6),), (), ())
    assert account_calls(calls, "delay", ["a"]).total == 0


def test_each_quantity_is_accounted_for_itself() -> None:
    calls = CallTally(
        (tally("a", failures=101, delay=11), tally("b", delay=11)), (tally("a", "b", delay=11),), ()
    )
    assert account_calls(calls, "failures", ["a"]).shares == {"a": 1}
    assert account_calls(calls, "delay", ["a"]).shares == {"b": 1}
    assert account_calls(calls, "missing", ["a"]).shares == {}


def test_strength_counts_the_noise_of_the_symptoms_services() -> None:
    calls = CallTally((tally("a", failures=30, noise=3), tally("b", failures=30, noise=4)), (), ())
    assert symptom_strength(calls, "failures", ["a"]) == 10
    assert symptom_strength(calls, "failures", ["a", "b"]) == pytest.approx(12)
    assert symptom_strength(calls, "failures", ["unknown"]) == 0


def test_metrics_charge_the_deepest_service_that_carries_it() -> None:
    found = account_masses([node("a", 10), node("b", 10), node("c", 0)], {"a": ["b"], "b": ["c"]}, ["a"])
    assert found.shares == pytest.approx({"b": 1})


def test_a_callees_mass_is_divided_among_its_callers_by_their_requests() -> None:
    masses = [node("a", 10, requests=30), node("x", 0, requests=10), node("b", 8)]
    found = account_masses(masses, {"a": ["b"], "x": ["b"]}, ["a"])
    assert found.shares == pytest.approx({"a": 0.4, "b": 0.6})


def test_a_caller_cannot_have_waited_for_more_than_its_own_time() -> None:
    masses = [node("a", 10, usual=10), node("b", 10, usual=100)]
    found = account_masses(masses, {"a": ["b"]}, ["a"])
    assert found.shares == pytest.approx({"a": 0.9, "b": 0.1})


def test_a_callee_without_metrics_is_charged_nothing() -> None:
    assert account_masses([node("a", 10)], {"a": ["b"]}, ["a"]).shares == {"a": 1}


def test_a_symptom_without_metrics_has_no_account() -> None:
    assert account_masses([node("b", 10)], {"a": ["b"]}, ["a"]).shares == {}
