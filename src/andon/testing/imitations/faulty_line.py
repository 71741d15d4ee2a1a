"""A TCP line that fails, for systems that do not speak HTTP: in front of a real server, or of none.

With `upstream` everything is passed on until the server has sent `after` bytes; then the line fails. Without one it
fails with the first bytes that arrive.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from enum import StrEnum
from importlib.resources import as_file, files
from types import TracebackType
from typing import Self

__all__ = ["FaultyLine", "LineFault"]

_GARBAGE = b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(range(256)) * 4


class LineFault(StrEnum):
    """What goes wrong on the line."""

    NONE = "nothing goes wrong"
    REFUSED = "nobody listens"
    STALLED = "no more bytes, but the connection stays"
    DROPPED = "the connection is reset"
    GARBAGE = "bytes of another protocol"
    SAID = "the server says one thing and hangs up"
    UNTRUSTED = "a certificate that nobody signed"


class FaultyLine:
    """Listens on a free loopback port, `port`, while the `with` block lasts.

    `says` are the bytes of `SAID`; for `UNTRUSTED` they are sent before the handshake, once the client has
    asked for it, as PostgreSQL does; without them the handshake comes first.
    """

    def __init__(self, fault: LineFault, *, upstream: int = 0, after: int = 0, says: bytes = b"") -> None:
        self.fault = fault
        self.upstream = upstream
        self.after = after
        self.says = says
        self.failed = threading.Event()
        """Set once the line has failed."""
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._passed = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        if self.fault is LineFault.REFUSED:
            self._listener.close()
        else:
            threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with self._lock:
            for end in (self._listener, *self._open):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._keep(client)
                serve = self._relay if self.upstream else self._fail_at_once
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    def _keep(self, end: socket.socket) -> None:
        """Has it closed at the end."""
        with self._lock:
            self._open.append(end)

    def _fail_at_once(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if (self.fault is LineFault.UNTRUSTED and not self.says) or client.recv(4096):
                self._fail(client)

    def _relay(self, client: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.upstream)) as server,
        ):
            self._keep(server)
            threading.Thread(target=self._upwards, args=(client, server), daemon=True).start()
            while chunk := server.recv(4096):
                self._passed += len(chunk)
                if self.fault is not LineFault.NONE and self._passed > self.after:
                    self._fail(client)
                    self._stopping.wait()
                    return
                client.sendall(chunk)
            client.close()

    def _upwards(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := client.recv(4096):
                server.sendall(chunk)

    def _fail(self, client: socket.socket) -> None:
        self.failed.set()
        match self.fault:
            case LineFault.DROPPED:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.shutdown(socket.SHUT_RDWR)
                client.close()
            case LineFault.GARBAGE:
                client.sendall(_GARBAGE)
            case LineFault.SAID:
                client.sendall(self.says)
                client.close()
            case LineFault.UNTRUSTED:
                client.sendall(self.says)
                with contextlib.suppress(OSError, ssl.SSLError):
                    untrusted().wrap_socket(client, server_side=True)
            case _:
                return


def untrusted() -> ssl.SSLContext:
    """A server's side of TLS with the demo estate's certificate, which no client trusts that was not told to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pki = files("andon.demo") / "pki"
    with as_file(pki / "auth-service.pem") as cert, as_file(pki / "server.key") as key:
        context.load_cert_chain(cert, key)
    return context
