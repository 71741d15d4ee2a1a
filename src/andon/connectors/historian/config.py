"""What andon.yaml says of a folder or a bucket of drops."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from andon.connectors.aws.config import Access, AwsConfig, AwsScope, account_of
from andon.connectors.connector import ConnectorConfig, LocalPath
from andon.connectors.files.manifest import FileEntry
from andon.connectors.files.times import zone_named
from andon.connectors.historian.keys import is_path
from andon.connectors.secrets import Secret
from andon.connectors.source import Signal
from andon.connectors.wire import Tls
from andon.connectors.wire.config import Address

__all__ = ["HistorianConfig", "WorkOrderFiles"]


def _inside(pattern: str) -> str:
    path = PurePosixPath(pattern)
    if not pattern or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{pattern!r}: a pattern for files in the folder, like *.csv or **/*.parquet")
    return pattern


def _zone(name: str) -> str:
    if name:
        zone_named(name)
    return name


def _folder(prefix: str) -> str:
    if prefix and not is_path(prefix.removesuffix("/")):
        raise ValueError("a prefix like press/drops/, without `..` and odd characters")
    return prefix if not prefix or prefix.endswith("/") else f"{prefix}/"


Pattern = Annotated[str, AfterValidator(_inside)]
Zone = Annotated[str, AfterValidator(_zone)]


class WorkOrderFiles(BaseModel):
    """CSV files of work orders, one a row; but for `files`, `timezone` and `not_done`, values are names of columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: Pattern
    timezone: Zone = Field("", description="in which times without a zone are written")
    time: str
    target: str
    id: str = ""
    action: str = ""
    actor: str = ""
    summary: str = ""
    status: str = ""
    not_done: tuple[str, ...] = Field(
        ("cancelled", "canceled", "rejected", "can"), description="values of `status` that changed nothing"
    )


_OF_A_BUCKET = ("prefix", "region", "endpoint", "profile", "role", "external_id", "tls", "proxy")


class HistorianConfig(ConnectorConfig):
    """A folder, or a prefix in a bucket: the scope. Only files in it that fit `files`, or the patterns of `work_orders`, are opened."""

    path: LocalPath | None = Field(None, description="a folder; either this or `bucket`")
    bucket: str = Field(
        "", pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$", description="of S3, or what speaks its API"
    )
    prefix: Annotated[str, AfterValidator(_folder)] = Field("", description="the folder in the bucket")
    region: str = Field(
        "", pattern=r"^[\w-]*$", description="of the bucket; us-east-1 where an `endpoint` is stated"
    )
    endpoint: Address | None = Field(None, description="takes the place of the public endpoints of AWS")
    profile: str = Field(
        "", description="of the AWS configuration files; else boto3 looks where it always does"
    )
    role: str = Field("", description="a role of AWS to assume, as arn:aws:iam::111122223333:role/andon-read")
    external_id: Secret | None = Field(None, description="what the role demands")
    tls: Tls = Tls()
    proxy: Address | None = None
    files: Pattern = Field("**/*", description="which files hold metrics: *.csv, 2026-*/*.parquet")
    format: Literal["", "csv-long", "csv-wide", "parquet"] = Field(
        "", description="of all metrics files; told by looking at each where it is not stated"
    )
    columns: dict[str, str | list[str]] = Field(
        default_factory=dict, description="role (time, metric, value, service, unit, labels) to column"
    )
    timezone: Zone = Field("", description="in which times without a zone are written")
    service: str = Field("", description="where a file does not state it")
    unit: str = Field("", description="where a file does not state it")
    work_orders: tuple[WorkOrderFiles, ...] = ()

    @model_validator(mode="after")
    def _fitting(self) -> HistorianConfig:
        if self.columns and not self.format:
            raise ValueError("`columns` need a `format`: csv-long, csv-wide or parquet")
        if self.format:
            self.entry("any")
        return self

    @model_validator(mode="after")
    def _somewhere(self) -> HistorianConfig:
        if (self.path is None) == (not self.bucket):
            raise ValueError("either `path` or `bucket`")
        stated = [name for name in _OF_A_BUCKET if name in self.model_fields_set]
        if self.path is not None and stated:
            raise ValueError(f"`{stated[0]}` belongs to a `bucket`")
        if self.bucket and not (self.region or self.endpoint):
            raise ValueError("the `region` of the bucket, or an `endpoint`")
        if self.role and not account_of(self.role).isdecimal():
            raise ValueError("a role like arn:aws:iam::111122223333:role/andon-read")
        if self.bucket:
            self.access()
        return self

    def access(self) -> AwsConfig:
        """How the bucket is reached, as what is common to all sources of AWS states it.

        Its scope is not validated: stores beside AWS have no accounts, and regions of any name.
        """
        account, region = account_of(self.role), self.region or "us-east-1"
        accounts = {account: Access(role=self.role, external_id=self.external_id)} if account else {}
        return AwsConfig(
            kind=self.kind,
            limits=self.limits,
            profile=self.profile,
            endpoint=self.endpoint,
            tls=self.tls,
            proxy=self.proxy,
            scope=AwsScope.model_construct(accounts=accounts, regions=(region,)),
        )

    def entry(self, path: str) -> FileEntry:
        """How a file is read when the format is stated. Raises ValueError for columns that mean nothing to it."""
        return FileEntry(
            path=path,
            signal=Signal.METRICS,
            format=self.format,
            columns=self.columns,
            timezone=self.timezone,
            unit=self.unit,
            service=self.service,
        )
