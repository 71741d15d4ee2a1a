"""Log groups: which of them a scope admits, and whose records they hold.

The name of a group tells the service of records that do not state their own, by these rules: what follows a known
beginning (`/aws/lambda/checkout` is `checkout`, `/aws/rds/instance/orders/postgresql` is `orders`), else the last part of the
name (`/prod/shop/checkout` is `checkout`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pydantic import Field

from andon.connectors.aws.api import AwsApi
from andon.connectors.aws.config import AccountId, AwsScope, Place, account_of
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

__all__ = ["LogGroup", "LogsScope", "groups_in", "service_of_group"]

_BEGINNINGS = (
    "/aws/lambda/", "/aws/ecs/containerinsights/", "/aws/containerinsights/", "/aws/rds/instance/", "/aws/rds/cluster/",
    "/aws/rds/proxy/", "/aws/codebuild/", "/aws/vendedlogs/states/", "/aws/eks/", "/aws/api-gateway/",
    "/aws/elasticbeanstalk/", "/aws/batch/", "/ecs/",
)  # fmt: skip
_WILD = re.compile(r"[*?\[]")


class LogsScope(AwsScope):
    """`log_groups` are names of groups with `*` for anything; `linked` accounts are read through a monitoring account.

    With `linked`, the entries of `accounts` are monitoring accounts (CloudWatch cross-account observability).
    """

    log_groups: tuple[str, ...] = Field(min_length=1)
    linked: tuple[AccountId, ...] = ()

    def admits_group(self, group: LogGroup) -> bool:
        own = group.account in self.accounts or group.account in self.linked
        return own and any(fnmatchcase(group.name, pattern) for pattern in self.log_groups)

    def admit_groups(self, groups: Iterable[LogGroup], source: str) -> None:
        """Raises Unanswered (DENIED) when one of them is outside of the scope."""
        for group in groups:
            if not self.admits_group(group):
                raise Unanswered(
                    f"log group {group.account}:{group.name} is outside the scope of source {source}",
                    status=Status.DENIED,
                )


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group: whose, where its records begin (Unix seconds: made then, or kept since then), and its ARN."""

    account: str
    name: str
    arn: str
    made: float
    kept_days: int = 0

    def since(self, now: float) -> float:
        """The time before which it holds nothing."""
        return max(self.made, now - self.kept_days * 86_400.0) if self.kept_days else self.made


def groups_in(api: AwsApi, place: Place, scope: LogsScope) -> list[LogGroup]:
    """The groups of an account, and of those linked to it, that the scope admits."""
    found: dict[str, LogGroup] = {}
    for prefix in sorted({_WILD.split(pattern)[0] for pattern in scope.log_groups}):
        for said in _described(api, place, prefix, scope.linked):
            group = _group(said, place)
            if group is not None and scope.admits_group(group):
                found[group.arn] = group
    return [found[arn] for arn in sorted(found)]


def service_of_group(name: str) -> str:
    """The service whose records a group holds, as far as its name tells."""
    beginning = next((one for one in _BEGINNINGS if name.startswith(one)), "")
    parts = [part for part in name.removeprefix(beginning).split("/") if part]
    return (parts[0] if beginning else parts[-1]) if parts else ""


def _described(api: AwsApi, place: Place, prefix: str, linked: Sequence[str]) -> Iterable[Any]:
    params: dict[str, Any] = {"limit": 50}
    params |= {"logGroupNamePrefix": prefix} if prefix else {}
    if linked:
        params |= {"includeLinkedAccounts": True, "accountIdentifiers": [place.account, *linked]}
    for answer in api.pages(place, "logs", "describe_log_groups", follow="nextToken", **params):
        yield from answer.items("logGroups")


def _group(said: Any, place: Place) -> LogGroup | None:
    """A group that can be queried; those of class DELIVERY cannot."""
    name, arn = str(said.get("logGroupName", "")), str(said.get("arn", "")).removesuffix(":*")
    if not name or not arn or said.get("logGroupClass") == "DELIVERY":
        return None
    made = float(said.get("creationTime") or 0) / 1e3
    return LogGroup(account_of(arn) or place.account, name, arn, made, int(said.get("retentionInDays") or 0))
