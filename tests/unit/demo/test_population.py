from __future__ import annotations

from andon.demo.population import population


def test_every_process_draws_the_same_customers():
    assert population(7, 0.5) == population(7, 0.5)
    assert population(7, 0.5) != population(8, 0.5)


def test_the_share_holds_for_each_app_and_each_trait():
    customers = population(3, 0.375)
    for app in ("ios-app", "android-app"):
        own = [customer for customer in customers if customer.app == app]
        assert len(own) == 8
        assert sum(customer.renews_on is None for customer in own) == 3
        assert sum("b" in customer.software for customer in own) == 3
        assert sum("|" in customer.subject for customer in own) == 3


def test_cars_and_subjects_are_unique():
    customers = population(3, 0.5)
    assert len({customer.vin for customer in customers}) == len(customers)
    assert len({customer.subject for customer in customers}) == len(customers)
