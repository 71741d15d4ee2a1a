from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.findings import Model
from andon.investigation.talking.naming import (
    all_names,
    bare,
    changes_meant,
    components_meant,
    listed,
    mentioned,
    similar,
    spoken_change,
    steps_of,
)
from andon.telemetry import ChangeEvent, ChangeKind, Element, ElementKind
from unit.investigation.shop import DEPLOY, case, looked_at, shop

MODEL = case().findings.model


@pytest.mark.parametrize(
    ("phrase", "elements"),
    [
        ("Checkout service", ("alpha",)),
        ("the checkout", ("alpha",)),
        ("CHECKOUT-SERVICE", ("alpha",)),
        ("alpha", ("alpha",)),
        ("the orders database", ("charlie",)),
        ("database", ("charlie",)),
        ("postgresql", ("charlie",)),
        ("'Session cache'", ("cache",)),
        ("pay gate", ("payGate",)),
        ("the gateway", ("payGate", "apiGate")),
        ("the service", ()),
        ("it", ()),
        ("", ()),
        ("customer", ()),
        ("only the database", ()),
        ("the database of the moon", ()),
    ],
)
def test_a_phrase_means_a_component_whose_names_hold_all_of_it(
    phrase: str, elements: tuple[str, ...]
) -> None:
    assert set(components_meant(phrase, MODEL)) == set(elements)


def named(*elements: Element) -> Model:
    """A model of nothing but some components."""
    first = MODEL.seen[0]
    shown = (*elements, Element("shop", ElementKind.CONTAINER, "Shop"))
    return Model(
        (replace(first, content=replace(first.content, elements=shown, relationships=(), bindings=())),)
    )


@pytest.mark.parametrize(
    "one",
    [
        Element("store", ElementKind.CONTAINER, "Order store", technology="PostgreSQL 16"),
        Element("orders-db", ElementKind.CONTAINER, "orders-db"),
        Element("orderDb", ElementKind.CONTAINER, "Order keeper"),
        Element("keeper", ElementKind.CONTAINER, "Keeper", tags=("Database",)),
        Element("rds", ElementKind.INFRASTRUCTURE_NODE, "Amazon RDS"),
    ],
)
@pytest.mark.parametrize("phrase", ["the database", "the db", "DB"])
def test_a_database_is_one_by_whatever_says_so(one: Element, phrase: str) -> None:
    assert components_meant(phrase, named(one)) == (one.id,)
    assert mentioned(f"why not {phrase}?", named(one)) == (one.id,)


def test_several_databases_are_all_meant() -> None:
    pair = (
        Element("orders-db", ElementKind.CONTAINER, "orders-db"),
        Element("users", ElementKind.CONTAINER, "User store", technology="MySQL"),
    )
    assert set(components_meant("the database", named(*pair))) == {"orders-db", "users"}


@given(st.text(max_size=60))
def test_no_phrase_does_harm(phrase: str) -> None:
    assert set(components_meant(phrase, MODEL)) <= set(MODEL.topology.by_id)
    assert all(row.value.id for row in changes_meant(phrase, case()))


def test_components_are_found_in_a_sentence() -> None:
    text = "why the orders database and not the payment service or bravo?"
    assert mentioned(text, MODEL) == ("charlie", "bravo")
    assert mentioned("what is the weather", MODEL) == ()


def test_similar_names_are_offered() -> None:
    assert "Orders database" in similar("orders databse", MODEL)
    assert similar("zzzzzz", MODEL) == ()


@pytest.mark.parametrize(
    ("phrase", "ids"),
    [
        ("deploy-7", {"deploy-7"}),
        ("the deploy", {"deploy-7"}),
        ("the deploy of the checkout service", {"deploy-6"}),
        ("the flag", {"flag-12"}),
        ("the new-basket flag", {"flag-12"}),
        ("the timeout config change", {"config-3"}),
        ("the deploy of the moon", set()),
        ("the cache", set()),
        ("", set()),
    ],
)
def test_a_phrase_means_a_change(phrase: str, ids: set[str]) -> None:
    assert {row.value.id for row in changes_meant(phrase, case())} == ids


def test_a_time_tells_changes_apart() -> None:
    at = DEPLOY.time - DEPLOY.time % 60
    assert [row.value.id for row in changes_meant("the deploy", case(), at)] == ["deploy-7"]
    assert changes_meant("the deploy", case(), at - 3600) == ()


def test_refused_changes_are_none_and_steps_belong_together() -> None:
    begun = ChangeEvent(
        "register-1", DEPLOY.time - 4, ChangeKind.DEPLOY, "register", "charlie", "ci", "1.4.0"
    )
    refused = ChangeEvent("deploy-8", DEPLOY.time, ChangeKind.DEPLOY, "deploy", "bravo", "ci", error="denied")
    held, _ = looked_at(shop(events=(begun, DEPLOY, refused)))
    found = changes_meant("deploy-8", held.case)
    assert found == ()
    (row,) = changes_meant("deploy-7", held.case)
    assert set(steps_of(row, held.case.findings)) == {"deploy-7", "register-1"}
    assert spoken_change(row.value) == "deploy on charlie at 10:14:55 (id deploy-7)"


def test_small_things() -> None:
    assert bare("the “Cache”.") == "Cache"
    assert listed(list("abcdefgh"), 3) == "a, b, c and 5 more"
    assert {"checkout service", "alpha"} <= all_names(MODEL)
