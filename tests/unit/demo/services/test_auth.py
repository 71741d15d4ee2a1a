from __future__ import annotations

import pytest

from andon.demo.services.auth import BROKEN_RELEASE, account_name


def test_a_partner_stands_for_the_customer_after_the_bar():
    assert account_name("partner|ios-customer-01", "2.7.4") == "ios-customer-01"
    assert account_name("ios-customer-01", "2.7.4") == "ios-customer-01"


def test_the_broken_release_knows_no_partners():
    assert account_name("ios-customer-01", BROKEN_RELEASE) == "ios-customer-01"
    with pytest.raises(KeyError):
        account_name("partner|ios-customer-01", BROKEN_RELEASE)
