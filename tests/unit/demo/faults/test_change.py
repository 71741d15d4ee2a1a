from __future__ import annotations

import random

import pytest

from andon.demo.faults import COMPONENTS, Change, Happening, deployment, group_named, ingress
from andon.demo.inventory import SERVICES
from andon.demo.rules import Rule


@pytest.mark.parametrize("service", COMPONENTS)
def test_a_deployment_registers_and_rolls_over_in_the_account_of_the_service(service):
    change = deployment(12.0, service, "9.9.9", random.Random(1))
    assert [call.name for call in change.calls] == ["RegisterTaskDefinition", "UpdateService"]
    assert {call.account for call in change.calls} == {SERVICES[service].account_id}
    assert change.calls[0].parameters["containerDefinitions"][0]["image"] == f"{service}:9.9.9"
    assert change.title == "UpdateService"


def test_an_ingress_call_names_group_and_rule():
    group = group_named("auth-from-ios")
    call = ingress("RevokeSecurityGroupIngress", group, Rule("tcp", 1, 2, group.peer), random.Random(1))
    assert call.parameters["groupId"] == group.id
    assert call.parameters["ipPermissions"]["items"][0]["fromPort"] == 1


def test_what_just_happens_is_told_by_its_condition():
    change = Change(3.0, "authService", happenings=(Happening("auth-service", "clock_offset", 5.0),))
    assert change.title == "clock_offset"
    assert not change.calls
