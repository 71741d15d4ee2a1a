from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.demo.faults import FAULTS, Change
from andon.demo.plan import Plan, draw_plan
from andon.errors import UsageError

faults = st.sampled_from(sorted(FAULTS))
seeds = st.integers(0, 10**6)


def culprit(plan: Plan) -> Change:
    return plan.scenario.culprits[0].change


@given(faults, seeds)
def test_a_seed_determines_the_plan(fault, seed):
    assert draw_plan(fault, seed, 45, 40) == draw_plan(fault, seed, 45, 40)


@given(faults, seeds)
def test_everything_happens_within_the_recording(fault, seed):
    plan = draw_plan(fault, seed, 20, 15)
    assert plan.seconds == 35
    assert all(0 < change.at < plan.seconds for change in plan.changes)
    assert [change.at for change in plan.changes] == sorted(change.at for change in plan.changes)
    assert all(0 <= at < plan.seconds for at, _ in plan.looks)


@given(faults, seeds)
def test_decoys_stand_before_and_after_the_onset(fault, seed):
    plan = draw_plan(fault, seed, 45, 40)
    culprits = plan.scenario.culprits
    onset = culprits[0].change.at if culprits else 45
    assert plan.decoys[0].at < onset < plan.decoys[-1].at
    assert bool(culprits) != FAULTS[fault].control


@given(seeds)
def test_no_decoy_heals_or_hides_the_fault(seed):
    rotated = draw_plan("database-password-rotated", seed, 45, 40)
    assert "subscriptionService" not in {change.component for change in rotated.decoys}
    deployed = draw_plan("bad-deploy", seed, 45, 40)
    services = {call.parameters.get("service") for change in deployed.decoys for call in change.calls}
    assert culprit(deployed).calls[-1].parameters["service"] not in services


def test_twins_get_the_same_release_before_the_onset():
    seen = 0
    for seed in range(40):
        plan = draw_plan("ingress-rule-removed", seed, 45, 40)
        images: dict[str, list[float]] = {}
        for change in plan.decoys:
            if change.component in ("iosBff", "androidBff") and len(change.calls) == 2:
                definition = change.calls[0].parameters["containerDefinitions"][0]
                images.setdefault(definition["image"].rpartition(":")[2], []).append(change.at)
        pairs = [at for version, at in images.items() if len(at) == 2 and version not in ("7.14.1", "7.15.1")]
        seen += bool(pairs)
        assert all(max(at) < culprit(plan).at for at in pairs)
    assert 8 <= seen <= 25


def test_seeds_differ():
    plans = [draw_plan("bad-deploy", seed, 45, 40) for seed in range(20)]
    assert len({culprit(plan).component for plan in plans}) == 3
    assert len({plan.load for plan in plans}) > 10
    assert len({culprit(plan).at for plan in plans}) == 20


def test_an_unknown_fault_is_a_mistake_of_the_user():
    with pytest.raises(UsageError, match="no fault 'meteor'"):
        draw_plan("meteor", 1, 45, 40)
