from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.telemetry import Element, ElementKind, Relationship, Topology


def topology(*calls: str) -> Topology:
    """Elements named by letters, `ab` for a call from a to b."""
    names = sorted(set("".join(calls)))
    elements = tuple(Element(name, ElementKind.CONTAINER, name) for name in names)
    return Topology(elements, tuple(Relationship(*pair) for pair in calls))


def test_callees_and_callers_each_once_in_order() -> None:
    model = topology("ac", "ab", "ac", "cb")
    assert model.callees == {"a": ("c", "b"), "c": ("b",)}
    assert model.callers == {"c": ("a",), "b": ("a", "c")}
    assert model.by_id["b"].name == "b"


def test_distances_count_hops_from_the_nearest_start() -> None:
    model = topology("ab", "bc", "cd", "ad")
    assert model.distances(["a"]) == {"a": 0, "b": 1, "d": 1, "c": 2}
    assert model.distances(["a", "c"]) == {"a": 0, "c": 0, "b": 1, "d": 1}
    assert model.distances(["d"], upstream=True) == {"d": 0, "c": 1, "a": 1, "b": 2}


def test_cycles_are_fine() -> None:
    assert topology("ab", "ba", "aa").distances(["a"]) == {"a": 0, "b": 1}


def test_an_unknown_start_reaches_itself() -> None:
    assert Topology().distances(["x"]) == {"x": 0}
    assert Topology().distances([]) == {}


@given(st.lists(st.text("abcde", min_size=2, max_size=2), max_size=10))
def test_upstream_is_downstream_backwards(calls: list[str]) -> None:
    model = topology(*calls)
    for start in model.by_id:
        for end, hops in model.distances([start]).items():
            assert model.distances([end], upstream=True)[start] == hops


def test_topologies_are_joined():
    a, b = (Element(i, ElementKind.CONTAINER, i) for i in "ab")
    call = Relationship("a", "b")
    joined = Topology.joined([Topology((a,), (call,)), Topology((a, b), (call, Relationship("b", "a")), "N")])
    assert (joined.elements, len(joined.relationships), joined.name) == ((a, b), 2, "N")
