from __future__ import annotations

import pytest

from andon.connectors.service_labels import service_of


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({}, ""),
        ({"service": "bff", "job": "x"}, "bff"),
        ({"service": "bff", "service.name": "mobile-bff"}, "mobile-bff"),
        ({"service": "", "app": "bff"}, "bff"),
        ({"job": "shop/cart"}, "cart"),
        ({"job": "node"}, "node"),
        ({"job": "shop/"}, ""),
    ],
)
def test_the_service_that_labels_name(labels, service):
    assert service_of(labels) == service


def test_a_job_without_a_name_does_not_end_the_search():
    assert service_of({"job": "shop/", "pod": "cart-1"}, ("job", "pod")) == "cart-1"
