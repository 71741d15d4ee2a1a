"""What andon.yaml says of a database: how to reach it, and which columns of which tables hold what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from andon.connectors.connector import ConnectorConfig
from andon.connectors.secrets import Secret
from andon.connectors.wire import Tls
from andon.telemetry import ChangeKind

__all__ = ["ChangesTable", "LogsTable", "MetricsTable", "SqlConfig", "SqlScope", "SqlTable"]

_LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})


def _database(text: str, info: ValidationInfo) -> str:
    parts = urlsplit(text)
    if not parts.scheme or "://" not in text:
        raise ValueError("an address like postgresql://user@host:5432/database or sqlite:///file.db")
    if parts.password is not None:
        raise ValueError("no password in an address; name it under `password`")
    if parts.query or parts.fragment:
        raise ValueError("an address without `?` and `#`")
    folder = (info.context or {}).get("folder")
    if parts.scheme.startswith("sqlite"):
        file = Path(parts.path.removeprefix("/")).expanduser()
        return f"{parts.scheme}:///{(Path(folder) / file).resolve() if folder else file}"
    return text


def _zone(name: str) -> str:
    if name:
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError):
            raise ValueError(f"unknown time zone {name!r}; an IANA name such as Europe/Berlin") from None
    return name


class SqlTable(BaseModel):
    """What holds for a table of any signal; but for `table` and what ends in `_is`, values are names of columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str = Field(description="`name` or `schema.name` of a table or view")
    time: str
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "", description="in which times without a zone are written"
    )
    time_unit: Literal["", "s", "ms", "us", "ns"] = Field(
        "", description="of times that are numbers; told by their size where it is not stated"
    )
    service: str = ""
    service_is: str = Field("", description="the service of all rows, where no column names it")

    @model_validator(mode="after")
    def _one_service(self) -> SqlTable:
        if self.service and self.service_is:
            raise ValueError("either `service`, a column, or `service_is`, a name")
        return self

    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        return tuple(dict.fromkeys(name for name in (self.time, self.service, *self._more()) if name))

    def _more(self) -> tuple[str, ...]:
        raise NotImplementedError


class MetricsTable(SqlTable):
    """Long (`name` and `value`, one row a point) or wide (`values`, one column a metric)."""

    signal: Literal["metrics"]
    name: str = ""
    value: str = ""
    unit: str = ""
    units: dict[str, str] = Field({}, description="metric to its UCUM unit, where no column states it")
    values: tuple[str, ...] = Field((), description="columns that each hold a metric of their own name")
    labels: tuple[str, ...] = Field((), description="columns that tell series of one metric apart")

    @model_validator(mode="after")
    def _long_or_wide(self) -> MetricsTable:
        if bool(self.name and self.value) == bool(self.values) or bool(self.name) != bool(self.value):
            raise ValueError("either `name` and `value` (one row a point), or `values` (one column a metric)")
        if self.values and self.unit:
            raise ValueError("`unit` is a column beside `value`; state `units` for columns that are metrics")
        return self

    def _more(self) -> tuple[str, ...]:
        return (self.name, self.value, self.unit, *self.values, *self.labels)


class ChangesTable(SqlTable):
    """Work orders and whatever else was done, one row each, at the time when it took effect.

    `kind_is` holds where `kind` names no column, or a row holds a kind that andon does not know.
    """

    signal: Literal["changes"]
    id: str = ""
    kind: str = ""
    kind_is: ChangeKind = ChangeKind.WORK_ORDER
    action: str = ""
    target: str
    actor: str = ""
    summary: str = ""
    status: str = ""
    not_done: tuple[str, ...] = Field(
        ("cancelled", "canceled", "rejected", "can"), description="values of `status` that changed nothing"
    )
    parameters: tuple[str, ...] = Field((), description="further columns that are kept as they are")

    def _more(self) -> tuple[str, ...]:
        named = (self.id, self.kind, self.action, self.target, self.actor, self.summary, self.status)
        return (*named, *self.parameters)


class LogsTable(SqlTable):
    """One row a log record."""

    signal: Literal["logs"]
    message: str
    level: str = ""
    trace_id: str = ""
    attributes: tuple[str, ...] = ()

    def _more(self) -> tuple[str, ...]:
        return (self.message, self.level, self.trace_id, *self.attributes)


AnyTable = Annotated[MetricsTable | ChangesTable | LogsTable, Field(discriminator="signal")]


class SqlScope(BaseModel):
    """Rows of other services are neither asked for nor let in; none means all. Tables that are not named are never read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    services: tuple[str, ...] = ()

    def admits(self, service: str) -> bool:
        return not self.services or service in self.services


class SqlConfig(ConnectorConfig):
    """A database and the tables in it. The connection is encrypted and verified unless the database is on this machine."""

    url: Annotated[str, AfterValidator(_database)] = Field(
        description="postgresql://user@host:5432/database, sqlite:///file.db, or any that SQLAlchemy knows"
    )
    password: Secret | None = None
    encrypted: bool | None = Field(
        None, description="false: a network that is trusted as it is; true: also on this machine"
    )
    tls: Tls = Tls()
    tables: tuple[AnyTable, ...] = Field(min_length=1)
    scope: SqlScope = SqlScope()

    @field_validator("tables")
    @classmethod
    def _named_simply(cls, tables: tuple[AnyTable, ...]) -> tuple[AnyTable, ...]:
        for table in tables:
            if table.table.count(".") > 1 or not all(table.table.split(".")):
                raise ValueError(f"{table.table!r}: write a table as `name` or `schema.name`")
        return tables

    @model_validator(mode="after")
    def _files_have_no_password(self) -> SqlConfig:
        if self.url.startswith("sqlite") and self.password:
            raise ValueError("a SQLite file takes no `password`")
        return self

    @property
    def secured(self) -> bool:
        """Whether the connection has to be encrypted, and the server to show a certificate that is trusted."""
        if self.encrypted is not None:
            return self.encrypted
        return (urlsplit(self.url).hostname or "") not in _LOOPBACK
