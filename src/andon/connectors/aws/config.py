"""What the sources of AWS may state: accounts, regions, and how each account is entered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from andon.connectors.connector import ConnectorConfig
from andon.connectors.secrets import Secret
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Tls
from andon.connectors.wire.config import Address
from andon.telemetry import Status

__all__ = ["Access", "AccountId", "AwsConfig", "AwsScope", "Place", "Region", "account_of"]

_ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}|\{account\}):role/[\w+=,.@/-]+")

AccountId = Annotated[str, Field(pattern=r"^\d{12}$", description="twelve digits, in quotes")]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d{1,2}$")]


@dataclass(frozen=True, slots=True)
class Place:
    """One account in one region: what every request of AWS is about."""

    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"


def account_of(arn: str) -> str:
    """The account that an ARN names, empty when it names none."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 and parts[0] == "arn" else ""


class Access(BaseModel):
    """How an account is entered: the role to assume there; none means as whoever andon runs as."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str = ""
    external_id: Secret | None = None

    @model_validator(mode="after")
    def _is_role(self) -> Access:
        if self.role and not _ROLE.fullmatch(self.role):
            raise ValueError("a role like arn:aws:iam::{account}:role/andon-read")
        return self


def _by_account(value: Any) -> Any:
    """A plain list of accounts, and accounts without anything stated, in the long form."""
    if isinstance(value, Mapping):
        return {key: {} if access is None else access for key, access in value.items()}
    return {key: {} for key in value} if isinstance(value, list | tuple) else value


class AwsScope(BaseModel):
    """The accounts and regions that may be read; nothing is sent to any other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: Annotated[dict[AccountId, Access], BeforeValidator(_by_account)] = Field(min_length=1)
    regions: tuple[Region, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _roles_of_their_accounts(self) -> AwsScope:
        for account, access in self.accounts.items():
            if account_of(access.role) not in ("", "{account}", account):
                raise ValueError(f"the role for {account} belongs to another account")
        return self

    def places(self) -> tuple[Place, ...]:
        return tuple(Place(account, region) for account in self.accounts for region in self.regions)

    def admit(self, place: Place, source: str) -> None:
        """Raises Unanswered (DENIED) for a place outside of the scope."""
        if place.account not in self.accounts or place.region not in self.regions:
            raise Unanswered(f"{place} is outside the scope of source {source}", status=Status.DENIED)


class AwsConfig(ConnectorConfig):
    """`role` (with `{account}` in it) and `external_id` hold for every account that states none of its own.

    `profile` is one of the AWS configuration files; without it, boto3 looks for credentials where it always does.
    `endpoint` takes the place of all public endpoints (a test server, a VPC endpoint).
    """

    profile: str = ""
    role: str = ""
    external_id: Secret | None = None
    endpoint: Address | None = None
    tls: Tls = Tls()
    proxy: Address | None = None
    scope: AwsScope

    @model_validator(mode="after")
    def _one_role_for_all(self) -> AwsConfig:
        Access(role=self.role)
        if self.role and "{account}" not in self.role and len(self.scope.accounts) > 1:
            raise ValueError("`role` for several accounts has {account} where their number stands")
        return self

    def access(self, account: str) -> Access:
        """How an account is entered, with its number filled in."""
        own = self.scope.accounts[account]
        role = (own.role or self.role).replace("{account}", account)
        return Access(role=role, external_id=own.external_id or self.external_id)
