"""The one address that a model's client may talk to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Self
from urllib.request import getproxies_environment, proxy_bypass

import httpx2

from andon.config import is_offline
from andon.errors import ConfigError

__all__ = ["Address", "Refused", "Unreadable", "forbidden", "offline"]

_PORTS = {"http": 80, "https": 443}
_EXAMPLE = "model.url: http://localhost:8000/v1"


class Refused(httpx2.TransportError):
    """A request that was not sent, for it would have gone somewhere else, or anywhere at all when offline."""


class Unreadable(httpx2.TransportError):
    """An answer that is none of the API: no JSON, of another shape, or far too large."""


def offline() -> bool:
    """Whether ANDON_OFFLINE forbids every request to a model: any value but an empty one, 0, false and no."""
    return is_offline()


def forbidden(model: object) -> str:
    """What is told when ANDON_OFFLINE forbids a request to a model."""
    return f"ANDON_OFFLINE forbids requests to {model}"


@dataclass(frozen=True, slots=True)
class Address:
    """Scheme, host and port; the path belongs to the client."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """The address in a URL. Raises ConfigError where it is none, or carries a secret or a query."""
        try:
            parts = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError):
            raise ConfigError("model.url: not an address", hint=_EXAMPLE) from None
        if parts.scheme not in _PORTS or not parts.host or not 0 < (parts.port or 1) < 65536:
            raise ConfigError("model.url: expected http:// or https:// and a host", hint=_EXAMPLE)
        if parts.userinfo:
            raise ConfigError("model.url: holds a user or a password", hint="state the secret as model.key")
        if parts.query or parts.fragment:
            raise ConfigError("model.url: ends in a query", hint=_EXAMPLE)
        return cls(parts.scheme, parts.host, parts.port or _PORTS[parts.scheme])

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    @property
    def loopback(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")

    def admit(self, url: httpx2.URL) -> None:
        """Raises Refused for a URL with another scheme, host or port, and for every URL when offline."""
        if offline():
            raise Refused(forbidden(self))
        if (url.scheme, url.host, url.port or _PORTS.get(url.scheme)) != (self.scheme, self.host, self.port):
            elsewhere = f"{url.scheme}://{url.host}" + (f":{url.port}" if url.port else "")
            raise Refused(f"a request to {elsewhere} was refused: only {self} may be asked")

    def proxy(self) -> str | None:
        """The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY name, unless NO_PROXY spares the host; never for loopback."""
        if self.loopback or proxy_bypass(f"{self.host}:{self.port}"):
            return None
        found = getproxies_environment()
        return found.get(self.scheme) or found.get("all")
