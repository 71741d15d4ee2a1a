from __future__ import annotations

import pytest

from andon.demo.metering import Meter
from andon.demo.services.refusal import RefusalError
from andon.demo.services.usage import CLIENT_HEADER, UsagePlans


def test_a_client_above_its_limit_is_refused_and_others_are_not():
    limits = {"mobile-bff-ios": 1.5, "mobile-bff-android": 50.0}
    plans = UsagePlans(Meter(), limits.__getitem__)
    for _ in range(3):
        plans.admit({CLIENT_HEADER: "mobile-bff-ios"})
    with pytest.raises(RefusalError, match="Too Many Requests") as refusal:
        plans.admit({CLIENT_HEADER: "mobile-bff-ios"})
    assert refusal.value.status == 429
    for _ in range(20):
        plans.admit({CLIENT_HEADER: "mobile-bff-android"})
        plans.admit({CLIENT_HEADER: "somebody-without-a-plan"})


def test_a_lowered_limit_holds_at_once():
    limits = {"mobile-bff-ios": 50.0}
    plans = UsagePlans(Meter(), limits.__getitem__)
    plans.admit({CLIENT_HEADER: "mobile-bff-ios"})
    limits["mobile-bff-ios"] = 0.25
    plans.admit({CLIENT_HEADER: "mobile-bff-ios"})
    with pytest.raises(RefusalError):
        plans.admit({CLIENT_HEADER: "mobile-bff-ios"})
