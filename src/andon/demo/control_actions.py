"""What the control plane can do, action by action, and the state that the actions change."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from andon.demo.certificates import renew
from andon.demo.database import APPLICATION
from andon.demo.database_client import DatabaseError
from andon.demo.database_operations import DatabaseOperations
from andon.demo.database_storage import VIN_INDEX
from andon.demo.gateway import initial_rules
from andon.demo.inventory import CERTIFICATES, SECURITY_GROUPS, SERVICES, SUBSCRIPTION_DB_CREDENTIAL
from andon.demo.rules import Rule, RuleError
from andon.demo.settings import EstateSettings
from andon.demo.wire import call
from andon.demo.zone import Zone

__all__ = ["ACTIONS", "READ_ONLY_ROLES", "Action", "ApiError", "State"]

READ_ONLY_ROLES = frozenset({"ReadOnlyAccess", "SecurityAudit", "monitoring-collector"})


class ApiError(Exception):
    """A refused call, with the error code that the caller and CloudTrail see."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class State:
    """Rules, secrets, task definitions, flags and the rest, as the control plane knows them."""

    def __init__(self, settings: EstateSettings) -> None:
        self.settings = settings
        self.rules = initial_rules()
        self.secrets = {name: [value] for name, value in settings.secrets.items()}
        self.images = {name: [service.version] for name, service in SERVICES.items()}
        self.flags: dict[str, bool] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.capacity: dict[str, tuple[int, int]] = {}
        self.certificates: dict[str, datetime] = {}
        self.databases: dict[str, dict[str, Any]] = {}
        self.parameters: dict[str, str] = {}
        self.operations = DatabaseOperations(settings)
        self.zone = Zone()
        self.rates: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Action:
    """`denied` is the error code that this service answers to who may not."""

    perform: Callable[[State, Mapping[str, Any]], dict[str, Any]]
    read_only: bool = False
    denied: str = "AccessDenied"


def _look(_state: State, _parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _describe_security_groups(state: State, _parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        group.id: [rule.permission() for rule in state.rules.rules(group.id)] for group in SECURITY_GROUPS
    }


def _get_secret(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"versions": _secret(state, parameters)}


def _secret(state: State, parameters: Mapping[str, Any]) -> list[str]:
    name = str(parameters["secretId"])
    if name not in state.secrets:
        raise ApiError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    return state.secrets[name]


def _rotate_secret(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A new value; that of the database role is changed in the database as well."""
    values = _secret(state, parameters)
    fresh = secrets.token_urlsafe(24)
    if parameters["secretId"] == SUBSCRIPTION_DB_CREDENTIAL:
        try:
            session = state.operations.session()
            session.alter_role(APPLICATION, fresh)
            session.close()
        except DatabaseError as error:
            raise ApiError("InternalServiceError", f"rotation failed: {error}") from error
    state.secrets[str(parameters["secretId"])] = [fresh, *values][:2]
    return {"name": parameters["secretId"], "versionId": secrets.token_hex(16)}


def _change_ingress(
    change: Callable[[State, str, Rule], None],
) -> Callable[[State, Mapping[str, Any]], dict[str, Any]]:
    def perform(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
        group = str(parameters["groupId"])
        try:
            for permission in parameters["ipPermissions"]["items"]:
                for rule in Rule.of_permission(permission):
                    change(state, group, rule)
        except RuleError as error:
            raise ApiError(f"Client.{error.code}", str(error)) from error
        permissions = [rule.permission() for rule in state.rules.rules(group)]
        call(state.settings.ports["network-gateway"], "PUT", f"/security-groups/{group}", permissions)
        return {"requestId": secrets.token_hex(16), "_return": True}

    return perform


def _register_task(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    family = str(parameters["family"])
    state.images[family].append(str(parameters["containerDefinitions"][0]["image"]).rpartition(":")[2])
    return {"taskDefinition": {"family": family, "revision": len(state.images[family]), "status": "ACTIVE"}}


def _update_service(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Rolls the service over to the revision that is asked for, or anew to the one it has."""
    name = str(parameters["service"])
    if name not in state.images:
        raise ApiError("ServiceNotFoundException", "Service not found.")
    revision = int(
        str(parameters.get("taskDefinition", f"{name}:{len(state.images[name])}")).rpartition(":")[2]
    )
    version = state.images[name][revision - 1]
    call(state.settings.ports["agent"], "POST", "/deployments", {"service": name, "version": version})
    deployment = {
        "id": f"ecs-svc/{secrets.randbelow(10**19):019d}",
        "status": "PRIMARY",
        "rolloutState": "IN_PROGRESS",
    }
    return {
        "service": {"serviceName": name, "taskDefinition": f"{name}:{revision}", "deployments": [deployment]}
    }


def _start_deployment(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    flag = str(parameters["configurationProfileId"])
    state.flags[flag] = not state.flags.get(flag, False)
    return {"deploymentNumber": 1, "configurationName": flag, "state": "DEPLOYING"}


def _create_tags(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    tags = {item["key"]: item["value"] for item in parameters["tagSet"]["items"]}
    for resource in parameters["resourcesSet"]["items"]:
        state.tags.setdefault(resource["resourceId"], {}).update(tags)
    return {"requestId": secrets.token_hex(16), "_return": True}


def _register_target(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    bounds = int(parameters["minCapacity"]), int(parameters["maxCapacity"])
    state.capacity[str(parameters["resourceId"])] = bounds
    return {"scalableTargetARN": f"scalable-target/{secrets.token_hex(8)}"}


def _renew_certificate(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    arn = str(parameters["certificateArn"])
    for service in (name for name, known in CERTIFICATES.items() if known == arn):
        renew(Path(state.settings.folder), service)
    state.certificates[arn] = datetime.now(UTC) + timedelta(days=395)
    return {}


def _import_certificate(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Replaces a certificate by a given one, which nobody looks at; a renewal would make a good one."""
    service = next(name for name, arn in CERTIFICATES.items() if arn == parameters["certificateArn"])
    renew(Path(state.settings.folder), service, expired=True)
    return {"certificateArn": parameters["certificateArn"]}


def _change_records(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    state.zone.change(parameters["changeBatch"])
    return {"changeInfo": {"id": f"/change/C{secrets.token_hex(10).upper()}", "status": "PENDING"}}


def _update_usage_plan(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    for patch in parameters["updateUsagePlanInput"]["patchOperations"]:
        if patch["path"] == "/throttle/rateLimit":
            state.rates[str(parameters["usageplanId"])] = float(patch["value"])
    return {"id": parameters["usageplanId"]}


def _modify_database(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    name = str(parameters["dBInstanceIdentifier"])
    state.databases.setdefault(name, {}).update(parameters)
    return {"dBInstanceIdentifier": name, "dBInstanceStatus": "available"}


def _begin_transaction(state: State, _parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"transactionId": state.operations.begin()}


def _execute_statement(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """In the transaction that was begun last when `transactionId` is asked for, else in one of its own."""
    try:
        rows = state.operations.execute(str(parameters["sql"]), in_transaction="transactionId" in parameters)
    except DatabaseError as error:
        raise ApiError("DatabaseErrorException", str(error)) from error
    return {"numberOfRecordsUpdated": 0, "rows": rows}


def _run_task(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A one-off task; that of the migrations drops the index that it believes to be unused."""
    family = str(parameters["taskDefinition"]).partition(":")[0]
    if family == "subscription-migrations":
        state.operations.execute(f"DROP INDEX {VIN_INDEX}")
    return {"tasks": [{"taskArn": f"task/{secrets.token_hex(16)}", "lastStatus": "PROVISIONING"}]}


def _put_parameter(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    state.parameters[str(parameters["name"])] = str(parameters["value"])
    return {"version": 2, "tier": "Standard"}


def _reboot_database(state: State, parameters: Mapping[str, Any]) -> dict[str, Any]:
    name = str(parameters["dBInstanceIdentifier"])
    call(state.settings.ports["agent"], "POST", "/restarts", {"service": name})
    return {"dBInstanceIdentifier": name, "dBInstanceStatus": "rebooting"}


_EC2_DENIED = "Client.UnauthorizedOperation"

ACTIONS: Mapping[tuple[str, str], Action] = {
    ("ec2", "AuthorizeSecurityGroupIngress"): Action(
        _change_ingress(lambda state, group, rule: state.rules.authorize(group, rule)), denied=_EC2_DENIED
    ),
    ("ec2", "RevokeSecurityGroupIngress"): Action(
        _change_ingress(lambda state, group, rule: state.rules.revoke(group, rule)), denied=_EC2_DENIED
    ),
    ("ec2", "CreateTags"): Action(_create_tags, denied=_EC2_DENIED),
    ("ec2", "DescribeSecurityGroups"): Action(_describe_security_groups, read_only=True),
    ("ec2", "DescribeNetworkInterfaces"): Action(_look, read_only=True),
    ("secretsmanager", "GetSecretValue"): Action(_get_secret, read_only=True),
    ("secretsmanager", "DescribeSecret"): Action(_look, read_only=True),
    ("secretsmanager", "RotateSecret"): Action(_rotate_secret),
    ("ecs", "RegisterTaskDefinition"): Action(_register_task),
    ("ecs", "UpdateService"): Action(_update_service),
    ("ecs", "DescribeServices"): Action(_look, read_only=True),
    ("rds", "ModifyDBInstance"): Action(_modify_database),
    ("rds", "RebootDBInstance"): Action(_reboot_database),
    ("rds", "ModifyDBParameterGroup"): Action(_look),
    ("rds-data", "BeginTransaction"): Action(_begin_transaction),
    ("rds-data", "ExecuteStatement"): Action(_execute_statement),
    ("ecs", "RunTask"): Action(_run_task),
    ("ssm", "PutParameter"): Action(_put_parameter),
    ("ssm", "StartAutomationExecution"): Action(_look),
    ("rds", "DescribeDBInstances"): Action(_look, read_only=True),
    ("appconfig", "StartDeployment"): Action(_start_deployment),
    ("acm", "RenewCertificate"): Action(_renew_certificate),
    ("acm", "ImportCertificate"): Action(_import_certificate),
    ("apigateway", "UpdateUsagePlan"): Action(_update_usage_plan),
    ("route53", "ChangeResourceRecordSets"): Action(_change_records),
    ("application-autoscaling", "RegisterScalableTarget"): Action(_register_target),
    ("elasticloadbalancing", "DescribeTargetHealth"): Action(_look, read_only=True),
    ("monitoring", "DescribeAlarms"): Action(_look, read_only=True),
    ("sts", "AssumeRole"): Action(_look, read_only=True),
}
