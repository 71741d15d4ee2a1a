from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from andon.demo import control_actions
from andon.demo.cloudtrail import Identity, Trail
from andon.demo.control_actions import State
from andon.demo.control_plane import ControlPlaneServer
from andon.demo.decoys import DECOYS
from andon.demo.faults import group_named
from andon.demo.inventory import SIGNING_KEY
from andon.demo.rules import Rule
from andon.demo.settings import EstateSettings

ADMIN = Identity("NetworkAdministrator", "netops-1", "1", "198.51.100.1")
READER = Identity("ReadOnlyAccess", "look", "1", "198.51.100.2")
GROUP = group_named("rvm-api-from-ios")
RULE = Rule("tcp", GROUP.port, GROUP.port, GROUP.peer)
REVOKE = {"groupId": GROUP.id, "ipPermissions": {"items": [RULE.permission()]}}


@pytest.fixture
def sent(monkeypatch) -> list[tuple]:
    """What the control plane tells the gateway and the deployment agent."""
    sent: list[tuple] = []
    monkeypatch.setattr(control_actions, "call", lambda port, *request: sent.append((port, *request)))
    return sent


@pytest.fixture
def plane(tmp_path, sent) -> Iterator[ControlPlaneServer]:
    settings = EstateSettings(
        folder=str(tmp_path),
        seed=1,
        load=1.0,
        affected=0.5,
        ports={"network-gateway": 1, "agent": 2},
        db_admin_password="root",
        secrets={SIGNING_KEY: "first"},
    )
    server = ControlPlaneServer(0, State(settings), Trail(settings.trail))
    yield server
    server.server_close()


def trail(plane: ControlPlaneServer) -> list[dict]:
    return Trail(plane.state.settings.trail).read()


def test_a_revoked_rule_reaches_the_gateway_and_the_trail(plane, sent):
    event, answer = plane.invoke("ec2", "RevokeSecurityGroupIngress", ADMIN, "1", REVOKE)
    assert answer["_return"] is True
    assert sent == [(1, "PUT", f"/security-groups/{GROUP.id}", [])]
    assert trail(plane)[0]["eventID"] == event
    assert trail(plane)[0]["requestParameters"] == REVOKE


def test_who_may_only_look_changes_nothing(plane, sent):
    _, answer = plane.invoke("ec2", "RevokeSecurityGroupIngress", READER, "1", REVOKE)
    assert answer["error"] == "Client.UnauthorizedOperation"
    assert sent == []
    assert plane.state.rules.rules(GROUP.id) == (RULE,)
    assert trail(plane)[0]["errorCode"] == "Client.UnauthorizedOperation"


def test_a_rule_that_is_not_there_cannot_be_revoked(plane):
    plane.invoke("ec2", "RevokeSecurityGroupIngress", ADMIN, "1", REVOKE)
    _, answer = plane.invoke("ec2", "RevokeSecurityGroupIngress", ADMIN, "1", REVOKE)
    assert answer["error"] == "Client.InvalidPermission.NotFound"


def test_a_rotated_secret_keeps_its_last_value(plane):
    for _ in range(2):
        plane.invoke("secretsmanager", "RotateSecret", ADMIN, "1", {"secretId": SIGNING_KEY})
    _, answer = plane.invoke("secretsmanager", "GetSecretValue", ADMIN, "1", {"secretId": SIGNING_KEY})
    assert len(answer["versions"]) == 2
    assert "first" not in answer["versions"]
    assert all(value not in str(trail(plane)) for value in answer["versions"])


def test_a_service_rolls_over_to_the_registered_version(plane, sent):
    family = "rvm-api-unknown"
    _, refused = plane.invoke("ecs", "UpdateService", ADMIN, "1", {"service": family})
    assert refused["error"] == "ServiceNotFoundException"
    definition = {"family": "auth-service", "containerDefinitions": [{"image": "auth-service:9.9.9"}]}
    plane.invoke("ecs", "RegisterTaskDefinition", ADMIN, "1", definition)
    update = {"service": "auth-service", "taskDefinition": "auth-service:2"}
    plane.invoke("ecs", "UpdateService", ADMIN, "1", update)
    assert sent == [(2, "POST", "/deployments", {"service": "auth-service", "version": "9.9.9"})]


def test_an_unknown_action_is_recorded_as_refused(plane):
    _, answer = plane.invoke("ec2", "TerminateEverything", ADMIN, "1", {})
    assert answer["error"] == "InvalidAction"
    assert trail(plane)[0]["errorCode"] == "InvalidAction"


@pytest.mark.parametrize("kind", sorted(DECOYS))
def test_every_decoy_is_accepted_unless_it_says_otherwise(plane, kind):
    change = DECOYS[kind](5.0, random.Random(3))
    for call in change.calls:
        _, answer = plane.invoke(call.source, call.name, call.identity, call.account, call.parameters)
        assert ("error" in answer) == change.refused
