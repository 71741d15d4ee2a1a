from __future__ import annotations

import pytest

from andon.demo.population import population
from andon.demo.services.rvm import BROKEN_RELEASE, payload_schema


def test_the_broken_release_forgets_software_before_its_release():
    assert payload_schema("24-07.b3", "3.8.2") == "v2"
    assert payload_schema("24-06.1", BROKEN_RELEASE) == "v3"
    with pytest.raises(ValueError, match="b3"):
        payload_schema("24-07.b3", BROKEN_RELEASE)


def test_every_car_has_software_that_good_releases_read():
    assert {payload_schema(customer.software, "3.8.2") for customer in population(1, 0.5)} == {"v2"}
