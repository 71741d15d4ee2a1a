"""The guard: who may speak to the server over HTTP, and under which name it may be called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from andon.intake.access import Access, Address

__all__ = ["Guard", "names_of"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def names_of(address: Address, others: tuple[str, ...] = ()) -> frozenset[str]:
    """The values of a Host header that mean this server: its own address, on loopback all of loopback, and others."""
    bare = f"[{address.host}]" if ":" in address.host else address.host
    hosts = {bare.lower(), *(name.lower() for name in others)} | (set(_LOOPBACK) if address.local else set())
    return frozenset(hosts | {f"{host}:{address.port}" for host in hosts})


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets requests through that call the server by one of its names, come from none but its own pages, and carry the token.

    The names are checked against pages of other sites that have a browser resolve their own name to this machine.
    """

    application: Application
    access: Access
    names: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = self._refusal(scope)
            if refusal is not None:
                await _refused(*refusal, send)
                return
        await self.application(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = _headers(scope)
        hosts, origins = headers.get("host", []), headers.get("origin", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.names:
            return 421, "this server is not called that"
        if any(origin.lower().partition("://")[2] not in self.names for origin in origins):
            return 403, "pages of other sites may not ask this server"
        tokens = headers.get("authorization", [])
        if len(tokens) != 1 or not self.access.admits(tokens[0]):
            return 401, "authorization: Bearer, and the token, is missing or wrong"
        return None


def _headers(scope: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


async def _refused(status: int, words: str, send: Send) -> None:
    body = words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
