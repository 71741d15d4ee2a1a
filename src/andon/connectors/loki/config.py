"""What andon.yaml may state of a Loki."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from andon.connectors.service_labels import SERVICE_LABELS
from andon.connectors.wire import HttpConfig

__all__ = ["LokiConfig", "LokiScope"]

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def _label(text: str) -> str:
    if not _LABEL.fullmatch(text):
        raise ValueError("a label of Loki: letters, digits and `_`")
    return text


def _tenant(text: str) -> str:
    if not text or not text.isprintable() or set(text) & set("|/\\ ,"):
        raise ValueError("the name of one tenant, without `|`")
    return text


Label = Annotated[str, AfterValidator(_label)]
Tenant = Annotated[str, AfterValidator(_tenant)]


class LokiScope(BaseModel):
    """Only streams whose labels have one of these values are asked for, and let in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: dict[Label, Annotated[tuple[str, ...], Field(min_length=1)]] = {}

    def admits(self, labels: Mapping[str, str]) -> bool:
        return all(labels.get(name) in values for name, values in self.match.items())


class LokiConfig(HttpConfig):
    """`tenants` are sent as `X-Scope-OrgID`, `|` between them; `service_labels` name the service, the most believed first.

    `every` is a label that all streams have: Loki refuses a query that selects nothing. Without one, the
    first of the service labels that Loki knows is taken.
    """

    scope: LokiScope = LokiScope()
    tenants: tuple[Tenant, ...] = ()
    service_labels: tuple[str, ...] = SERVICE_LABELS
    every: Label | None = None
    page: int = Field(5000, ge=10, description="records in one answer; lowered to what the server allows")
