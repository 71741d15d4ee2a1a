"""How a Tempo is reached, and what of it may be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from andon.connectors.files.fields import text_of
from andon.connectors.wire import HttpConfig

__all__ = ["SERVICE", "TempoConfig", "TempoScope"]

_ATTRIBUTE = re.compile(r"(resource|span)\.[A-Za-z_][\w./:-]*")
_TENANT = re.compile(r"[\w!.*'()|-]*")

SERVICE = "resource.service.name"


def _attribute(name: str) -> str:
    if not _ATTRIBUTE.fullmatch(name):
        raise ValueError("an attribute as TraceQL names it: resource.k8s.namespace.name, span.http.route")
    return name


def _tenant(name: str) -> str:
    if not _TENANT.fullmatch(name):
        raise ValueError("a tenant as X-Scope-OrgID takes it: letters, digits and !-_.*'()")
    return name


class TempoScope(BaseModel):
    """Only spans of this tenant whose attributes have one of the values are asked for, and let in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant: Annotated[str, AfterValidator(_tenant)] = Field(
        "", description="sent as X-Scope-OrgID; needed where Tempo has multitenancy_enabled"
    )
    match: dict[Annotated[str, AfterValidator(_attribute)], tuple[str, ...]] = Field(
        default_factory=dict, description="attribute, with `resource.` or `span.` before it, to its values"
    )

    def admits(self, resource: Mapping[str, Any], attributes: Mapping[str, Any]) -> bool:
        """Whether a span with these attributes of its resource and its own is inside."""
        for name, values in self.match.items():
            level, _, attribute = name.partition(".")
            owner = resource if level == "resource" else attributes
            if text_of(owner.get(attribute)) not in values:
                return False
        return True

    def outside(self, services: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the services that may not be read, as far as the scope names services."""
        named = self.match.get(SERVICE)
        return () if named is None else tuple(service for service in services if service not in named)


class TempoConfig(HttpConfig):
    """The keys of a source of kind `tempo`; `url` is the query frontend."""

    scope: TempoScope = TempoScope()
