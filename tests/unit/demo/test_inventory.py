"""The inventory and the declared architecture say the same."""

from __future__ import annotations

import re
from importlib.resources import files

from andon.demo import inventory
from andon.demo.decoys import DECOYS
from andon.demo.faults import FAULTS
from andon.demo.inventory import ACCOUNTS, SECRETS, SECURITY_GROUPS, SERVICES
from andon.demo.plan import draw_plan

ARCHITECTURE = files("andon.demo").joinpath("architecture.dsl").read_text(encoding="utf-8")
PROPERTIES = re.findall(r'"((?:telemetry|aws)\.\w+)" "([^"]+)"', ARCHITECTURE)
IDENTIFIERS = set(re.findall(r"^\s*(\w+) = ", ARCHITECTURE, re.MULTILINE))


def declared(name: str) -> set[str]:
    return {value for key, value in PROPERTIES if key == name}


def test_every_service_is_declared_but_the_tools():
    tools = {"telemetry-receiver", "control-plane"}
    plant = set(inventory.EQUIPMENT)
    assert declared("telemetry.service") == (set(SERVICES) - tools) | {"notification-service"} | plant


def test_accounts_groups_and_secrets_are_those_of_the_inventory():
    assert declared("aws.accountId") <= set(ACCOUNTS.values())
    assert declared("aws.securityGroupId") == {group.id for group in SECURITY_GROUPS}
    assert declared("aws.secretId") == set(SECRETS)


def test_zone_certificates_and_usage_plans_are_those_of_the_inventory():
    assert declared("aws.hostedZoneId") == {inventory.HOSTED_ZONE}
    assert declared("aws.certificateArn") == set(inventory.CERTIFICATES.values())
    assert declared("aws.usagePlanId") == set(inventory.USAGE_PLANS.values())


def test_every_changed_component_is_declared():
    components = {
        change.component
        for fault in FAULTS
        for seed in range(40)
        for change in draw_plan(fault, seed, 45, 40).changes
    }
    assert components <= IDENTIFIERS
    assert len(components) > 6
    assert len(DECOYS) > 10


def test_paths_join_services_that_exist():
    known = {*SERVICES, "partner-portal"}
    assert all({group.source, group.destination} <= known for group in SECURITY_GROUPS)
    assert len({group.listener for group in SECURITY_GROUPS}) == len(SECURITY_GROUPS)


def test_one_call_is_not_declared_and_one_element_never_seen():
    assert "authService -> subscriptionService" not in ARCHITECTURE
    assert "notification-service" not in SERVICES
