"""What andon.yaml says of an MCP server: where it is, which tools are wanted, and how much it may be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from andon.connectors.mistakes import mistake
from andon.connectors.secrets import Secret
from andon.errors import ConfigError

__all__ = ["LentAuth", "LentConfig", "LentLimits", "lent_config"]

_NAME = re.compile(r"[A-Za-z0-9-]{1,30}")
"""Without `_`, which parts the name of a server from that of its tool."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")
_REFERENCE = re.compile(r"\$\{(env|file|keyring):[^}]+\}")


def _address(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address like http://localhost:8000/mcp")
    if parts.username or parts.password:
        raise ValueError("a password is not written into an address: auth: {bearer: …}")
    return url


def _value(text: str, info: ValidationInfo) -> str:
    """A plain value, or the reference of a secret with its path taken from the folder of andon.yaml."""
    if "\0" in text:
        raise ValueError("expected text without NUL")
    match = _REFERENCE.fullmatch(text)
    if match is None and "${" in text:
        raise ValueError("a secret is the whole value: ${env:NAME} or ${file:path}")
    folder = (info.context or {}).get("folder")
    if match and match[1] == "file" and folder:
        return f"${{file:{(Path(folder) / Path(text[7:-1]).expanduser()).resolve()}}}"
    return text


def _variables(env: dict[str, str]) -> dict[str, str]:
    for name in env:
        if not _VARIABLE.fullmatch(name):
            raise ValueError("the name of a variable is letters, digits and `_`")
    return env


class LentAuth(BaseModel):
    """How a server over HTTP knows us."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bearer: Secret


class LentLimits(BaseModel):
    """How much a server may be asked in one run, and how much of an answer is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(20.0, gt=0, le=300, description="for one answer, and for the start")
    bytes: int = Field(100_000, ge=1000, le=10_000_000, description="of one answer that are kept")
    calls: int = Field(20, ge=1, le=1000, description="in one run")


class LentConfig(BaseModel):
    """One entry under `mcp:`; exactly one of `url` and `command`.

    `tools` are the only ones that are lent, where they are stated; otherwise those that declare themselves read-only.
    `env` is all that a command gets besides PATH, HOME and LANG.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_address)] = ""
    command: tuple[Annotated[str, Field(pattern=r"^[^\x00]*$")], ...] = ()
    env: Annotated[dict[str, Annotated[str, AfterValidator(_value)]], AfterValidator(_variables)] = {}
    auth: LentAuth | None = None
    tools: tuple[str, ...] | None = None
    limits: LentLimits = LentLimits()

    @model_validator(mode="after")
    def _one_way(self) -> LentConfig:
        if bool(self.url) == bool(self.command):
            raise ValueError("expected either url or command")
        if self.command and not self.command[0].strip():
            raise ValueError("command: expected a program, like [python, -m, my_server]")
        if self.command and self.auth:
            raise ValueError("auth is for a url; a command gets its secrets by env")
        if self.url and self.env:
            raise ValueError("env is for a command; a url has auth")
        return self


def lent_config(
    name: str, stated: Mapping[str, Any], *, folder: Path | None = None, origin: str = "mcp"
) -> LentConfig:
    """The entry of that name. Raises ConfigError with the key that is wrong; no value is repeated."""
    place = f"{origin}.{name}"
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{origin}: {name[:40]!r}: a name is up to 30 letters of ASCII, digits and `-`")
    try:
        return LentConfig.model_validate(dict(stated), context={"folder": folder})
    except ValidationError as error:
        raise mistake(error, LentConfig, name, place) from None
