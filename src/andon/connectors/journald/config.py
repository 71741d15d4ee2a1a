"""What andon.yaml may state of a journal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from andon.connectors.connector import ConnectorConfig, LocalPath

__all__ = ["JournaldConfig", "JournaldScope"]

_FIELD = re.compile(r"_{0,1}[A-Z][A-Z0-9_]*")


def _field(text: str) -> str:
    if not _FIELD.fullmatch(text):
        raise ValueError("a field of the journal, like _SYSTEMD_UNIT or SYSLOG_IDENTIFIER")
    return text


def _value(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("a value without NUL")
    return text


FieldName = Annotated[str, AfterValidator(_field)]
FieldValue = Annotated[str, AfterValidator(_value)]


class JournaldScope(BaseModel):
    """Only records whose fields have one of these values are asked for, and let in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: dict[FieldName, Annotated[tuple[FieldValue, ...], Field(min_length=1)]] = {}

    def admits(self, fields: Mapping[str, Any]) -> bool:
        return all(fields.get(name) in values for name, values in self.match.items())


class JournaldConfig(ConnectorConfig):
    """`directory` holds journal files, as of another machine; without it, the journal of this machine is read."""

    scope: JournaldScope = JournaldScope()
    directory: LocalPath | None = None
