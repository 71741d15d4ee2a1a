from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import UsageError
from andon.investigation.question import Question
from andon.investigation.report import SymptomKind
from andon.investigation.symptom import understand
from andon.telemetry import Element, ElementKind, Topology

MODEL = Topology(
    (
        Element("checkout", ElementKind.CONTAINER, "Checkout", "Takes payments for baskets"),
        Element("stock", ElementKind.CONTAINER, "Stock Keeper", "Knows what is left", "PostgreSQL"),
        Element("gates", ElementKind.CONTAINER, "Gate Controller", "Opens turnstiles with tickets"),
        Element("lager", ElementKind.CONTAINER, "Lagerübersicht", "Zeigt Bestände"),
        Element("sklad", ElementKind.CONTAINER, "Склад", "Учёт товаров"),
        Element("buyer", ElementKind.PERSON, "Checkout buyer"),
        Element("live.checkout", ElementKind.CONTAINER_INSTANCE, "Checkout", instance_of="checkout"),
    )
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("checkout is slow", SymptomKind.SLOW),
        ("high latency at checkout", SymptomKind.SLOW),
        ("checkout is down", SymptomKind.UNAVAILABLE),
        ("Customers cannot pay: 503 errors", SymptomKind.UNAVAILABLE),
        ("readings are missing", SymptomKind.MISSING),
        ("the stock shown is wrong", SymptomKind.WRONG),
        ("tell me about checkout", SymptomKind.UNKNOWN),
        ("", SymptomKind.UNKNOWN),
    ],
)
def test_words_say_the_kind(text: str, kind: SymptomKind) -> None:
    assert understand(Question(text), MODEL).kind is kind


@pytest.mark.parametrize(
    ("text", "component"),
    [
        ("Checkout fails", "checkout"),
        ("payments fail", "checkout"),
        ("the stock keeper is slow", "stock"),
        ("turnstiles do not open", "gates"),
        ("why is CHECKOUT down?", "checkout"),
    ],
)
def test_words_say_the_component(text: str, component: str) -> None:
    found = understand(Question(text), MODEL)
    assert found.components == (component,)
    assert found.names == (MODEL.by_id[component].name,)
    assert all(found.understood)


def test_what_is_understood_is_quoted() -> None:
    found = understand(Question("turnstiles are slow"), MODEL)
    assert any("turnstile" in reason for reason in found.understood)
    assert any("slow" in reason for reason in found.understood)


def test_stated_components_replace_those_of_the_words() -> None:
    found = understand(Question("checkout is slow", components=("Stock Keeper", "gates")), MODEL)
    assert found.components == ("stock", "gates")


def test_further_components_are_added_once() -> None:
    found = understand(Question("checkout is slow", also=("stock", "checkout")), MODEL)
    assert found.components == ("checkout", "stock")


def test_a_stated_kind_replaces_that_of_the_words() -> None:
    assert understand(Question("checkout is slow", kind=SymptomKind.WRONG), MODEL).kind is SymptomKind.WRONG


def test_a_component_that_does_not_exist_is_refused_with_a_hint() -> None:
    with pytest.raises(UsageError, match="billing") as caught:
        understand(Question("", components=("billing",)), MODEL)
    assert "Checkout" in caught.value.hint


@pytest.mark.parametrize("text", ["", "xyzzy plugh", "??!", "\x00\x1b[31m", "🜁🜂", "a" * 20_000, "the of and"])
def test_nonsense_names_no_component(text: str) -> None:
    assert understand(Question(text), MODEL).components == ()


@pytest.mark.parametrize(
    ("text", "components"),
    [
        ("Склад работает медленно", ("sklad",)),
        ("Lagerübersicht geht nicht", ("lager",)),
        ("倉庫が遅い", ()),
        ("المستودع بطيء", ()),
    ],
)
def test_other_alphabets_are_read(text: str, components: tuple[str, ...]) -> None:
    assert understand(Question(text), MODEL).components == components


@given(st.text(max_size=200))
def test_any_words_are_understood_somehow(text: str) -> None:
    found = understand(Question(text), MODEL)
    assert found.kind in SymptomKind
    assert len(found.components) == len(found.names)
    assert not {"buyer", "live.checkout"} & set(found.components)


def test_an_empty_architecture_has_no_components() -> None:
    assert understand(Question("checkout is slow"), Topology()).components == ()
