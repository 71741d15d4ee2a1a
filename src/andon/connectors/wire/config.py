"""How a system is reached: address, sign-in, TLS."""

from __future__ import annotations

import ssl
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from andon.connectors.connector import ConnectorConfig, LocalPath
from andon.connectors.secrets import Secret
from andon.errors import ConfigError

__all__ = ["Address", "Auth", "HttpConfig", "Tls"]


def _address(text: str) -> str:
    parts = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.port == 0
        or " " in text
        or not text.isprintable()
    ):
        raise ValueError("an address like https://host:port")
    if parts.username or parts.password:
        raise ValueError("no user or password in an address; name them under `auth`")
    if parts.query or parts.fragment:
        raise ValueError("an address without `?` and `#`")
    return (parts.scheme + text[len(parts.scheme) :]).rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
"""The root of an HTTP API, with the path prefix that it is served under, without a trailing slash."""


class Auth(BaseModel):
    """How andon signs in: a bearer token, a user and password, or headers whose values are secrets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bearer: Secret | None = None
    username: str = ""
    password: Secret | None = None
    headers: dict[str, Secret] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Auth:
        if bool(self.username) != (self.password is not None):
            raise ValueError("`username` and `password` belong together")
        if self.bearer and self.username:
            raise ValueError("either `bearer`, or `username` and `password`")
        return self


class Tls(BaseModel):
    """A certificate authority of one's own, and a certificate with which andon shows who it is (PEM files)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ca: LocalPath | None = None
    cert: LocalPath | None = None
    key: LocalPath | None = None

    def context(self) -> ssl.SSLContext:
        """A context that verifies. Raises ConfigError when a file cannot be used."""
        try:
            context = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
            if self.cert:
                # Without a password OpenSSL asks the terminal for one.
                context.load_cert_chain(self.cert, self.key, password=lambda: "")
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(str(path) for path in (self.ca, self.cert, self.key) if path)
            raise ConfigError(
                f"tls: {files}: cannot be used ({error.strerror or error})",
                hint="PEM files that exist and belong together",
            ) from error
        return context


class HttpConfig(ConnectorConfig):
    """What every source behind HTTP may state."""

    url: Address
    auth: Auth = Auth()
    tls: Tls = Tls()
    proxy: Address | None = None
