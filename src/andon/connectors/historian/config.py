"""What andon.yaml says of a folder of drops."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from andon.connectors.connector import ConnectorConfig, LocalPath
from andon.connectors.files.manifest import FileEntry
from andon.connectors.files.times import zone_named
from andon.connectors.source import Signal

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


class HistorianConfig(ConnectorConfig):
    """A folder. Only files in it that fit `files`, or the patterns of `work_orders`, are opened."""

    path: LocalPath
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
