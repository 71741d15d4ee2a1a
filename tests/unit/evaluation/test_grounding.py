from __future__ import annotations

import pytest

from andon.evaluation import Culprit, ground
from andon.evaluation.grounding import ends, tolerated
from andon.telemetry import Element, ElementKind, Relationship, Topology

CONTAINER, NODE = ElementKind.CONTAINER, ElementKind.INFRASTRUCTURE_NODE
TOPOLOGY = Topology(
    (
        Element("shop", ElementKind.SOFTWARE_SYSTEM, "Shop"),
        *(
            Element(name, CONTAINER, name, parent="shop")
            for name in ("web", "phone", "orders", "stock", "db")
        ),
        Element("account", ElementKind.DEPLOYMENT_NODE, "Account"),
        Element("ordersLive", ElementKind.CONTAINER_INSTANCE, "", parent="account", instance_of="orders"),
        Element("stockLive", ElementKind.CONTAINER_INSTANCE, "", parent="account", instance_of="stock"),
        Element("stockGroup", NODE, "Security group"),
        Element("lonelyGroup", NODE, "Another"),
    ),
    tuple(
        Relationship(a, b)
        for a, b in (
            ("web", "orders"),
            ("phone", "orders"),
            ("orders", "stock"),
            ("orders", "db"),
            ("ordersLive", "stockGroup"),
            ("stockGroup", "stockLive"),
        )
    ),
)
CULPRIT = Culprit(("stock",), ("bad-deploy",), ("stock", "orders", "web", "phone"), "e1")


@pytest.mark.parametrize(
    "path",
    [
        ("stock", "orders", "web"),
        ("stock", "orders", "phone"),
        ("stock", "stockGroup", "orders", "phone"),
        ("stock", "shop", "orders", "web"),
    ],
)
def test_one_branch_of_the_known_path_is_enough(path: tuple[str, ...]) -> None:
    found = ground(path, CULPRIT, TOPOLOGY)
    assert found.holds
    assert found.precision == 1


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ((), "nothing is said"),
        (("stock",), "it never leaves the cause"),
        (("stock", "orders"), "it does not arrive"),
        (("orders", "web"), "it starts elsewhere"),
        (("stock", "db", "orders", "web"), "the database had no part in it"),
        (("stock", "lonelyGroup", "orders", "web"), "that group guards another edge"),
        (("stock", "web", "orders", "phone"), "it steps backwards"),
    ],
)
def test_a_chain_beside_the_effect_does_not_hold(path: tuple[str, ...], why: str) -> None:
    assert not ground(path, CULPRIT, TOPOLOGY).holds, why


def test_measures_say_how_far_it_agrees() -> None:
    found = ground(("stock", "db", "web", "orders"), CULPRIT, TOPOLOGY)
    assert found.precision == pytest.approx(3 / 4)
    assert found.recall == pytest.approx(3 / 4)
    assert found.order == pytest.approx(1 / 2)
    assert found.astray == ("db",)


def test_a_cause_that_the_path_leaves_out_may_begin_it() -> None:
    culprit = Culprit(("db", "stock"), (), ("stock", "orders", "web"))
    assert ground(("db", "orders", "web"), culprit, TOPOLOGY).holds
    assert not ground(("orders", "db", "web"), culprit, TOPOLOGY).holds


def test_without_a_topology_the_last_element_is_the_end() -> None:
    assert ground(("stock", "orders", "web", "phone"), CULPRIT).holds
    assert not ground(("stock", "orders", "web"), CULPRIT).holds


def test_where_no_path_is_known_only_the_start_counts() -> None:
    assert ground(("stock",), Culprit(("stock",))).holds
    assert not ground(("web",), Culprit(("stock",))).holds


def test_ends_are_what_nothing_else_on_the_path_calls() -> None:
    assert ends(TOPOLOGY, CULPRIT.path) == {"web", "phone"}
    assert ends(TOPOLOGY, ("stockGroup", "stock", "orders")) == {"orders"}


def test_what_belongs_to_the_path_or_guards_it_is_tolerated() -> None:
    assert tolerated(TOPOLOGY, ("orders", "stock")) == {
        "orders", "stock", "shop", "account", "ordersLive", "stockLive", "stockGroup",
    }  # fmt: skip
