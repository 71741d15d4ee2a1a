from __future__ import annotations

import pytest

from andon.demo.releases import BREAKING, RELEASES
from andon.demo.services.auth import BROKEN_RELEASE, account_name, introspected_token
from andon.demo.services.server import RefusalError


def test_a_partner_stands_for_the_customer_after_the_bar():
    assert account_name("partner|ios-customer-01", "2.7.4") == "ios-customer-01"
    assert account_name("ios-customer-01", "2.7.4") == "ios-customer-01"


def test_the_broken_release_knows_no_partners():
    assert account_name("ios-customer-01", BROKEN_RELEASE) == "ios-customer-01"
    with pytest.raises(KeyError):
        account_name("partner|ios-customer-01", BROKEN_RELEASE)


def test_the_release_that_breaks_its_interface_wants_another_field():
    version = RELEASES["auth-service"][BREAKING]
    assert introspected_token({"token": "t"}, "2.7.4") == "t"
    assert introspected_token({"access_token": "t"}, version) == "t"
    with pytest.raises(RefusalError, match="access_token: field required; unknown field: token") as refusal:
        introspected_token({"token": "t"}, version)
    assert refusal.value.status == 400
