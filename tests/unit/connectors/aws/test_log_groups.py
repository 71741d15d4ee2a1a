"""Which log groups are read, and whose records they hold."""

from __future__ import annotations

from typing import Any

import pytest

from andon.connectors.aws import CloudWatchLogsConnector
from andon.connectors.aws.config import Place
from andon.connectors.aws.log_groups import LogGroup, LogsScope, groups_in, service_of_group
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status
from andon.testing.imitations.aws import HeldGroup, LogsImitation

A, B, REGION = "111122223333", "444455556666", "eu-central-1"
EMPTY = HeldGroup(())


@pytest.mark.parametrize(
    ("group", "service"),
    [
        ("/aws/lambda/checkout", "checkout"),
        ("/aws/rds/instance/orders/postgresql", "orders"),
        ("/ecs/pay", "pay"),
        ("/prod/shop/cart", "cart"),
        ("plain", "plain"),
        ("/", ""),
    ],
)
def test_the_name_of_a_group_tells_the_service(group: str, service: str):
    assert service_of_group(group) == service


def test_groups_like_the_patterns_are_found_over_pages(opened: Any):
    names = [f"/aws/lambda/f{i:03}" for i in range(120)] + ["/secret/payroll", "/ecs/pay"]
    groups = dict.fromkeys(names, EMPTY) | {"/ecs/delivered": HeldGroup((), kind="DELIVERY")}
    with LogsImitation({A: {REGION: groups}}) as server:
        logs = opened(CloudWatchLogsConnector, server, scope={"log_groups": ["/aws/lambda/f*", "/ecs/*"]})
        found = groups_in(logs.api, Place(A, REGION), logs.config.scope)
        prefixes = {
            call.params["logGroupNamePrefix"] for call in server.calls if "logGroupNamePrefix" in call.params
        }
    assert len(found) == 121 and {group.name for group in found} == {*names} - {"/secret/payroll"}
    assert prefixes == {"/aws/lambda/f", "/ecs/"}


def test_groups_of_linked_accounts_only_where_they_are_in_scope(opened: Any):
    held = {account: {REGION: {"/ecs/pay": EMPTY}} for account in (A, B, "999988887777")}
    with LogsImitation(held, linked={A: [B, "999988887777"]}) as server:
        logs = opened(CloudWatchLogsConnector, server, scope={"log_groups": ["/ecs/*"], "linked": [B]})
        found = groups_in(logs.api, Place(A, REGION), logs.config.scope)
    assert [group.account for group in found] == [A, B]


def test_other_groups_are_refused():
    scope = LogsScope(accounts={A: {}}, regions=(REGION,), log_groups=("/ecs/*",))
    for group in (LogGroup(A, "/secret/payroll", "", 0.0), LogGroup(B, "/ecs/pay", "", 0.0)):
        with pytest.raises(Unanswered, match="outside the scope of source logs") as refused:
            scope.admit_groups([group], "logs")
        assert refused.value.status is Status.DENIED


def test_a_group_holds_nothing_before_it_was_made_or_what_it_keeps():
    assert LogGroup(A, "a", "", made=50.0).since(1e9) == 50.0
    assert LogGroup(A, "a", "", made=50.0, kept_days=1).since(1e9) == 1e9 - 86_400
