"""Who may send: the token, and on which addresses none is needed."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from andon.errors import ConfigError

__all__ = ["Access", "Address", "read_token"]

_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens; port 0 takes a free one."""

    host: str
    port: int

    @classmethod
    def read(cls, text: str) -> Address:
        """`127.0.0.1:4318`, `[::1]:4318` or `localhost:4318`. Raises ConfigError for anything else."""
        host, colon, port = text.strip().rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not (colon and host and port.isdecimal() and int(port) < 65_536):
            raise ConfigError(f"{text!r} is no address", hint="write host:port, 127.0.0.1:4318")
        return cls(host, int(port))

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """The token that requests have to carry, empty when they need none."""

    token: str = ""

    def admits(self, authorization: str) -> bool:
        """Whether the value of an `authorization` header is `Bearer` and the token."""
        if not self.token:
            return True
        bearer = authorization[: len(_SCHEME)].lower() == _SCHEME
        given = authorization[len(_SCHEME) :].strip()
        return hmac.compare_digest(given.encode(), self.token.encode()) and bearer

    def guard(self, address: Address) -> None:
        """Raises ConfigError when others can reach the address and need no token."""
        if not self.token and not address.local:
            raise ConfigError(
                f"{address} can be reached from other machines, and no token is asked for",
                hint="give --token-file FILE, or listen on 127.0.0.1",
            )


def read_token(file: Path) -> str:
    """The token in a file. Raises ConfigError when there is none, or one that a header cannot carry."""
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read", hint="a file with one line, the token") from error
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(f"{file}: holds no token", hint="one line of letters and digits, without spaces")
    return token
