"""How a Jaeger is reached, and what of it may be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from andon.connectors.files.fields import text_of
from andon.connectors.wire import HttpConfig

__all__ = ["JaegerConfig", "JaegerScope"]

_DAY = 86_400.0


class JaegerScope(BaseModel):
    """Only spans of these services that have these tags are asked for, and let in; nothing named means all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    services: tuple[str, ...] = Field((), description="service names as Jaeger lists them")
    tags: dict[str, str] = Field(
        default_factory=dict, description="tags of a span or of its process, to the value that they must have"
    )
    tenant: dict[str, str] = Field(
        default_factory=dict,
        description="headers that name the tenant: x-tenant for Jaeger, AccountID and ProjectID for VictoriaTraces",
    )

    def admits(self, process: Mapping[str, Any], tags: Mapping[str, Any]) -> bool:
        """Whether a span with these tags of its process and its own is inside."""
        if self.services and process.get("service.name") not in self.services:
            return False
        return all(
            value in (_text(tags.get(name)), _text(process.get(name))) for name, value in self.tags.items()
        )

    def outside(self, services: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the services that may not be read."""
        return tuple(service for service in services if self.services and service not in self.services)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else text_of(value)


class JaegerConfig(HttpConfig):
    """The keys of a source of kind `jaeger`; `url` ends before `/api` (`…/select/jaeger` for VictoriaTraces)."""

    scope: JaegerScope = JaegerScope()
    entry_services: tuple[str, ...] = Field(
        (), description="services in which traces start, if that is known: only they are asked for traces"
    )
    calls_within: float = Field(
        _DAY, gt=0, description="seconds back from now for which the calls between services are asked"
    )
