"""Serving: over stdio to the one program that started us, or over streamable HTTP to many."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from andon.errors import ConfigError, StorageError
from andon.intake.access import Access, Address, read_token
from andon.mcp.face import Face
from andon.mcp.guard import Guard, names_of

__all__ = ["PATH", "TOKEN", "Listener", "serve_http", "serve_stdio", "token_of"]

PATH = "/mcp"
TOKEN = "ANDON_MCP_TOKEN"  # noqa: S105
"""The environment variable that holds the token which clients over HTTP have to carry."""

MOST_BYTES = 1 << 20
"""Of the body of a request: questions are short."""
_MOST_CONNECTIONS = 200
_GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Listener:
    """Where HTTP is listened for, the token that is asked for, and other names by which the server is called."""

    address: Address
    access: Access
    names: tuple[str, ...] = ()


def token_of(file: Path | None) -> tuple[str, bool]:
    """The token in the file, else in ANDON_MCP_TOKEN, else a new one; and whether it is new. Raises ConfigError."""
    if file is not None:
        return read_token(file), False
    stated = os.environ.get(TOKEN, "").strip()
    if not stated:
        return secrets.token_urlsafe(32), True
    if not stated.isascii() or not stated.isprintable() or " " in stated:
        raise ConfigError(f"{TOKEN} holds no token", hint="letters and digits, without spaces")
    return stated, False


def serve_stdio(face: Face) -> None:
    """Serves the program at the other end of stdin and stdout until it closes them."""
    anyio.run(face.run_stdio_async)


def serve_http(face: Face, listener: Listener, ready: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT; calls `ready` with the URL when requests are taken.

    Raises ConfigError where no token is asked for, StorageError where the address is taken.
    """
    if not listener.access.token:
        raise ConfigError("over HTTP a token is needed", hint=f"--token-file FILE, or {TOKEN}")
    with _bound(listener.address) as (bound, address):
        application = face.streamable_http_app(
            streamable_http_path=PATH,
            max_request_body_size=MOST_BYTES,
            # The guard before it is stricter: it knows the port.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        guard = Guard(application, listener.access, names_of(address, listener.names))
        server = _Server(_config(guard))
        ready(f"http://{address}{PATH}")
        server.run(sockets=[bound])


def _config(guard: Guard) -> uvicorn.Config:
    return uvicorn.Config(
        guard,
        http="h11",
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


class _Server(uvicorn.Server):
    """Ends quietly when it is told to, and does not pass the signal on."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


@contextmanager
def _bound(address: Address) -> Iterator[tuple[socket.socket, Address]]:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        listener = socket.create_server((address.host, address.port), family=family, backlog=128)
    except OSError as error:
        raise StorageError(
            f"{address}: cannot listen: {error.strerror}", hint="is it running already? Name another --port"
        ) from error
    with listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener, Address(address.host, listener.getsockname()[1])
