from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.accounting import account

NODES = "abcdefgh"
nodes = st.sampled_from(NODES)
masses = st.dictionaries(nodes, st.floats(-10, 1e6, width=32), max_size=8)
graphs = st.dictionaries(nodes, st.lists(nodes, max_size=5), max_size=8)
symptoms = st.lists(nodes, min_size=1, max_size=3)


@given(masses, graphs, symptoms)
def test_shares_add_up_and_no_path_carries_more_than_the_whole(
    mass: Mapping[str, float], callees: Mapping[str, Sequence[str]], symptom: Sequence[str]
) -> None:
    found = account(mass, callees, symptom)
    felt = sum(max(0.0, mass.get(node, 0.0)) for node in set(symptom))
    assert found.total == pytest.approx(felt)
    assert all(0 < share <= 1 + 1e-9 for share in found.shares.values())
    assert sum(found.shares.values()) == pytest.approx(1 if felt > 0 else 0)
    assert all(0 < carried <= 1 + 1e-9 for carried in found.carried.values())
    assert all(share <= found.carried[node] + 1e-9 for node, share in found.shares.items())


@given(masses, graphs, nodes)
def test_no_node_carries_more_than_its_mass(
    mass: Mapping[str, float], callees: Mapping[str, Sequence[str]], symptom: str
) -> None:
    found = account(mass, callees, [symptom])
    for node, carried in found.carried.items():
        assert carried * found.total <= mass[node] * (1 + 1e-6) + 1e-9


@given(masses, graphs, symptoms)
def test_only_what_the_symptom_reaches_has_a_share(
    mass: Mapping[str, float], callees: Mapping[str, Sequence[str]], symptom: Sequence[str]
) -> None:
    reached, frontier = set(symptom), list(symptom)
    while frontier:
        fresh = set(callees.get(frontier.pop(), ())) - reached
        reached |= fresh
        frontier.extend(fresh)
    assert set(account(mass, callees, symptom).shares) <= reached


@given(masses, graphs, symptoms, st.randoms())
def test_the_order_of_callees_does_not_matter(
    mass: Mapping[str, float], callees: Mapping[str, Sequence[str]], symptom: Sequence[str], random: object
) -> None:
    assert hasattr(random, "sample")
    shuffled = {node: random.sample(kids, len(kids)) for node, kids in callees.items()}
    one, other = (
        account(mass, callees, symptom),
        account(mass, shuffled, random.sample(symptom, len(symptom))),
    )
    assert other.shares == pytest.approx(one.shares, abs=1e-6)


@given(masses, graphs, symptoms)
def test_the_unit_does_not_matter(
    mass: Mapping[str, float], callees: Mapping[str, Sequence[str]], symptom: Sequence[str]
) -> None:
    one = account(mass, callees, symptom)
    other = account({node: 1024 * value for node, value in mass.items()}, callees, symptom)
    assert other.shares == pytest.approx(one.shares)


def test_who_only_passes_it_on_has_no_share() -> None:
    found = account({"a": 10, "b": 10, "c": 10}, {"a": ["b"], "b": ["c"]}, ["a"])
    assert found.shares == {"c": 1}
    assert found.carried == {"a": 1, "b": 1, "c": 1}


def test_who_adds_to_it_keeps_what_it_adds() -> None:
    found = account({"a": 10, "b": 8, "c": 2}, {"a": ["b"], "b": ["c"]}, ["a"])
    assert found.shares == pytest.approx({"a": 0.2, "b": 0.6, "c": 0.2})


def test_callees_share_by_what_they_carry() -> None:
    found = account({"a": 6, "b": 4, "c": 8}, {"a": ["b", "c"]}, ["a"])
    assert found.shares == pytest.approx({"b": 1 / 3, "c": 2 / 3})


def test_a_heavy_callee_is_charged_no_more_than_arrives() -> None:
    found = account({"a": 1, "b": 1000}, {"a": ["b"]}, ["a"])
    assert found.shares == {"b": 1}
    assert found.total == 1


@pytest.mark.parametrize(
    "cycle", [{"a": ["a"]}, {"a": ["b"], "b": ["a"]}, {"a": ["b"], "b": ["c"], "c": ["b", "a"]}]
)
def test_cycles_end(cycle: Mapping[str, Sequence[str]]) -> None:
    assert sum(account({"a": 3, "b": 2, "c": 1}, cycle, ["a"]).shares.values()) == pytest.approx(1)


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    chain = {str(i): [str(i + 1)] for i in range(20_000)}
    found = account(dict.fromkeys((*chain, "20000"), 1.0), chain, ["0"])
    assert found.shares == {"20000": 1}


@pytest.mark.parametrize("mass", [{}, {"a": 0.0}, {"a": -5.0}, {"a": float("nan")}, {"b": 7.0}])
def test_a_symptom_without_mass_has_no_account(mass: Mapping[str, float]) -> None:
    found = account(mass, {"a": ["b"]}, ["a"])
    assert (found.total, found.shares, found.carried) == (0, {}, {})
