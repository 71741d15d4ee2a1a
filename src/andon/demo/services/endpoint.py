"""Where a service listens, and how a connection to it begins: its name is resolved, its certificate checked."""

from __future__ import annotations

import http.client
import socket
import ssl

from andon.demo.dns import Resolver, loopback

__all__ = ["Endpoint"]


class Endpoint:
    """A port of loopback, or of the address that `resolver` finds for `name`; with TLS if there is `trust`."""

    def __init__(
        self,
        port: int,
        name: str = "localhost",
        resolver: Resolver | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.name = name
        self._port = port
        self._resolver = resolver
        self._trust = trust

    def connect(self, seconds: float) -> http.client.HTTPConnection:
        """A connection ready for a request, within `seconds` for each step.

        Raises OSError: socket.gaierror, ssl.SSLError and TimeoutError among others, and ConnectionRefusedError
        with the address that refused as its `filename`.
        """
        address = self._resolver.address(self.name) if self._resolver else "10.0.0.1"
        connection = http.client.HTTPConnection(loopback(address), self._port, timeout=seconds)
        try:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._trust is not None:
                connection.sock = self._trust.wrap_socket(connection.sock, server_hostname=self.name)
        except ConnectionRefusedError as error:
            raise ConnectionRefusedError(error.errno, error.strerror, address) from error
        except OSError:
            connection.close()
            raise
        return connection
