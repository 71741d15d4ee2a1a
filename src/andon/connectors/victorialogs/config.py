"""What andon.yaml may state of a VictoriaLogs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from andon.connectors.service_labels import SERVICE_LABELS
from andon.connectors.wire import HttpConfig

__all__ = ["VictoriaLogsConfig", "VictoriaLogsScope"]


class VictoriaLogsScope(BaseModel):
    """Only records whose fields have one of these values are asked for, and let in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = {}

    def admits(self, fields: Mapping[str, Any]) -> bool:
        return all(fields.get(name) in values for name, values in self.match.items())


class VictoriaLogsConfig(HttpConfig):
    """`account` and `project` name the tenant; `service_labels` the fields that name the service, the most believed first."""

    scope: VictoriaLogsScope = VictoriaLogsScope()
    account: int = Field(0, ge=0, lt=1 << 32)
    project: int = Field(0, ge=0, lt=1 << 32)
    service_labels: tuple[str, ...] = SERVICE_LABELS
