from __future__ import annotations

import pytest

from andon.demo.decoys import DECOYS
from andon.demo.inventory import SERVICES
from andon.demo.releases import BREAKING, LEAKING, RELEASES, has


def test_only_the_version_with_the_trait_has_it():
    version = RELEASES["auth-service"][BREAKING]
    assert has("auth-service", version, BREAKING)
    assert not has("auth-service", version, LEAKING)
    assert not has("auth-service", SERVICES["auth-service"].version, BREAKING)
    assert not has("subscription-db", version, BREAKING)


@pytest.mark.parametrize("service", sorted(RELEASES))
def test_no_two_traits_share_a_version(service):
    versions = list(RELEASES[service].values())
    assert len(set(versions)) == len(versions)
    assert f"deploy {service}" in DECOYS
