"""The shape that every connector to a live system has.

A connector is a class with a `kind`, a pydantic `Config` and the `signals` that it answers for; it overrides
the methods of those signals and `check`. It is opened with a session, which carries the deadline, the
budget and the secrets of one run. It only reads. `andon.testing.ConnectorContract` says the rest in tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.telemetry import (
    Alert,
    ChangeEvent,
    Logs,
    MetricSeries,
    Result,
    Spans,
    Status,
    Topology,
    Window,
)

__all__ = ["Check", "CheckState", "Connector", "ConnectorConfig", "Limits", "LocalPath", "Need"]

_MIB = 1 << 20


def _beside(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return (Path(folder) / path.expanduser()).resolve() if folder else path.expanduser()


LocalPath = Annotated[Path, AfterValidator(_beside)]
"""A path of the configuration, taken from the folder that andon.yaml lies in."""


class Limits(BaseModel):
    """How much may be asked of one source in one run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests_at_once: int = Field(4, ge=1, le=64)
    timeout: float = Field(15.0, gt=0, description="seconds that one request may take")
    retries: int = Field(3, ge=0, le=10)
    answer_bytes: int = Field(32 * _MIB, ge=1024, description="the most that one answer may hold")
    bytes: int = Field(256 * _MIB, ge=1024, description="the most that all answers of a run may hold")
    seconds: float = Field(
        30.0, gt=0, description="seconds that all requests for one stage of a run may take"
    )
    items: int = Field(20_000, ge=1, description="records or spans that are wanted of one signal at most")
    slices: int = Field(120, ge=1, le=1000, description="even parts in which a window is sampled")


class ConnectorConfig(BaseModel):
    """What every entry under `sources:` may state; each connector adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Need:
    """What an investigation wants of a signal.

    `services` are service names as telemetry states them, none means all: a source that can narrow by them
    does, one that cannot answers with more. `step` is the finest resolution of metrics that is of use, in
    seconds. `items` is how many records or spans are wanted at most: more than that are sampled evenly.
    """

    window: Window
    services: tuple[str, ...] = ()
    step: float = 15.0
    items: int = 20_000


class CheckState(StrEnum):
    """How one thing that was tried went."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried on a source: `what` in two or three words, what was `found`, what to do (`hint`).

    A hint names the exact permission, key or setting that is missing.
    """

    what: str
    state: CheckState
    found: str
    hint: str = ""


class Connector:
    """Read-only access to one live system, for one run.

    Every signal method answers with a `Result` and never raises; those that are not overridden answer
    `empty`. `check` never raises either: it tells what works, how far back, and what is missing.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    """The system as people call it."""
    signals: ClassVar[tuple[Signal, ...]]
    proved: ClassVar[str]
    """Against what its tests run: a real server with its version, or an imitation."""
    Config: ClassVar[type[ConnectorConfig]] = ConnectorConfig

    def __init__(self, name: str, config: Any, session: Session) -> None:
        self.name = name
        self.config = config
        self.session = session

    def check(self) -> tuple[Check, ...]:
        raise NotImplementedError

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        return Result((), Status.EMPTY, 0)

    def logs(self, need: Need) -> Result[Logs]:
        return Result(Logs.of(()), Status.EMPTY, 0)

    def spans(self, need: Need) -> Result[Spans]:
        return Result(Spans.of(()), Status.EMPTY, 0)

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        return Result((), Status.EMPTY, 0)

    def alerts(self, need: Need) -> Result[tuple[Alert, ...]]:
        return Result((), Status.EMPTY, 0)

    def services(self, need: Need) -> Result[tuple[str, ...]]:
        """The services that it holds something of, where that costs next to nothing to ask; else `empty`."""
        return Result((), Status.EMPTY, 0)

    def topology(self) -> Result[Topology]:
        return Result(Topology(), Status.EMPTY, 0)

    def close(self) -> None:
        """Gives back what is held; safe to call twice."""
