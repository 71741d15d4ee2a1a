from __future__ import annotations

from datetime import date

import pytest

from andon.demo.services.subscription import BROKEN_RELEASE, is_current

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize("version", ["5.2.1", BROKEN_RELEASE])
@pytest.mark.parametrize(
    ("renews_on", "current"), [("2026-06-01", True), ("2026-05-31", False), ("2030-01-01", True)]
)
def test_a_dated_subscription_runs_until_its_date(renews_on, current, version):
    assert is_current(renews_on, TODAY, version) is current


def test_the_broken_release_forgets_subscriptions_without_a_date():
    assert is_current(None, TODAY, "5.2.1")
    with pytest.raises(TypeError):
        is_current(None, TODAY, BROKEN_RELEASE)
