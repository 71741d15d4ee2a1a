from __future__ import annotations

import random

from andon.demo.faults.controls import FAULTS
from andon.demo.releases import RELEASES


def test_every_control_is_one():
    assert FAULTS and all(fault.control for fault in FAULTS)


def _draws(name):
    fault = next(fault for fault in FAULTS if fault.name == name)
    return [fault.draw(random.Random(seed), 40.0) for seed in range(20)]


def test_harmless_deployments_are_of_two_services_and_of_good_versions():
    for scenario in _draws("harmless-deploy"):
        assert len(scenario.decoys) == len(scenario.spared) == 2
        assert all(30 < change.at < 40 for change in scenario.decoys)
        for change in scenario.decoys:
            definition = change.calls[0].parameters["containerDefinitions"][0]
            version = definition["image"].rpartition(":")[2]
            assert version not in RELEASES.get(definition["name"], {}).values()


def test_maintenance_is_announced_and_done_by_its_window():
    for scenario in _draws("planned-maintenance"):
        reboot, restart = scenario.decoys
        assert [call.name for call in reboot.calls] == ["StartAutomationExecution", "RebootDBInstance"]
        assert reboot.at < restart.at
        assert {call.identity.role for change in scenario.decoys for call in change.calls} == {
            "MaintenanceWindow"
        }


def test_noisy_load_swings_by_less_than_a_factor_of_two_in_both_apps():
    for scenario in _draws("noisy-load"):
        assert {change.component for change in scenario.decoys} == {"iosApp", "androidApp"}
        assert all(1.5 <= change.happenings[0].value <= 2 for change in scenario.decoys)
