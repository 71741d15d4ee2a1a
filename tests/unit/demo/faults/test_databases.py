from __future__ import annotations

import random

import pytest

from andon.demo.database_storage import _TABLE_LOCK, VIN_INDEX
from andon.demo.faults.databases import FAULTS
from andon.demo.faults.fault import Culprit, Scenario

BY_NAME = {fault.name: fault for fault in FAULTS}
ONSET = 40.0


def draws(name: str) -> list[Scenario]:
    return [BY_NAME[name].draw(random.Random(seed), ONSET) for seed in range(30)]


def culprit(scenario: Scenario) -> Culprit:
    (found,) = scenario.culprits
    return found


def test_a_lock_is_a_transaction_without_commit_or_a_job():
    changes = [culprit(scenario).change for scenario in draws("database-lock")]
    jobs = [change for change in changes if change.happenings]
    assert 5 < len(jobs) < 25
    assert all(2.5 < happening.value < 5.5 for change in jobs for happening in change.happenings)
    for change in changes:
        if change.calls:
            begin, execute = change.calls
            assert (begin.name, execute.name) == ("BeginTransaction", "ExecuteStatement")
            assert _TABLE_LOCK.match(execute.parameters["sql"])


def test_an_index_is_dropped_by_hand_or_by_a_migration():
    calls = [culprit(scenario).change.calls[-1] for scenario in draws("missing-index")]
    assert {call.name for call in calls} == {"ExecuteStatement", "RunTask"}
    assert all(VIN_INDEX in call.parameters["sql"] for call in calls if call.name == "ExecuteStatement")


def test_connections_are_lost_by_a_release_that_no_decoy_replaces():
    (scenario, *_) = draws("connection-pool-exhausted")
    assert scenario.spared == {culprit(scenario).change.calls[-1].parameters["service"]}
    assert culprit(scenario).mechanisms[0] == "connection-pool-exhausted"


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_an_innocent_report_comes_before(name):
    for scenario in draws(name):
        reports = [change for change in scenario.decoys if change.calls[0].name == "ExecuteStatement"]
        assert [report.at < ONSET for report in reports] == [True]
        assert reports[0].calls[0].parameters["sql"].startswith("SELECT")
