from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.binding import bind, find_element
from andon.telemetry import Element, ElementKind, Topology

MODEL = Topology(
    (
        Element("shop", ElementKind.SOFTWARE_SYSTEM, "Web Shop"),
        Element(
            "shop.orders", ElementKind.CONTAINER, "Order Service", properties={"otel.service": "ord-prod"}
        ),
        Element("shop.mail", ElementKind.CONTAINER, "Mailer"),
        Element("aws.orders", ElementKind.CONTAINER_INSTANCE, "Order Service", instance_of="shop.orders"),
    )
)


@pytest.mark.parametrize(
    ("service", "element", "how"),
    [
        ("ord-prod", "shop.orders", "property"),
        ("shop.orders", "shop.orders", "identifier"),
        ("orders", "shop.orders", "identifier"),
        ("MAILER", "shop.mail", "name"),
        ("mail:8080", "shop.mail", "identifier"),
        ("order_service", "shop.orders", "same words"),
        ("web-shop", "shop", "same words"),
        ("billing", "billing", "not declared"),
    ],
)
def test_a_service_belongs_to_an_element(service: str, element: str, how: str) -> None:
    (binding,) = bind(MODEL, [service])
    assert (binding.service, binding.element, binding.how) == (service, element, how)


def test_each_service_is_bound_once_and_in_order() -> None:
    assert [b.service for b in bind(MODEL, ["b", "a", "b", ""])] == ["a", "b"]


@given(st.lists(st.text(max_size=10), max_size=5))
def test_every_service_is_bound_to_something(services: list[str]) -> None:
    found = bind(MODEL, services)
    assert {b.service for b in found} == set(services) - {""}
    assert all(b.element in MODEL.by_id or b.element == b.service for b in found)


def test_an_element_is_found_by_what_people_call_it() -> None:
    for text in ("shop.orders", "Order Service", "order service", "ord-prod"):
        found = find_element(MODEL, text)
        assert found is not None
        assert found.id == "shop.orders"


@pytest.mark.parametrize("text", ["", "billing", "…", "🜁"])
def test_what_nobody_is_called_is_not_found(text: str) -> None:
    assert find_element(MODEL, text) is None
    assert find_element(Topology(), text) is None
