"""Certificates of the services inside the estate, and the TLS that comes of them.

They come from an internal CA whose key exists no more; the folder `pki` holds one good and one expired
certificate for each service, and the key of all of them, which guards nothing. What a service serves lies in
the estate's folder, and is loaded anew when it is replaced.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from importlib.resources import files
from pathlib import Path

from andon.demo.conditions import Conditions
from andon.demo.inventory import CERTIFICATES

__all__ = ["EXPIRED", "ServerCertificate", "host_name", "install", "renew", "trust"]

EXPIRED = "certificate.expired"
"""The condition of a service whose certificate was not renewed in time."""

_FOLDER = "certificates"
_HANDSHAKE_SECONDS = 5.0


def host_name(service: str) -> str:
    """The name of a service in the private zone, which its certificate is made out to."""
    return f"{service}.connected-car.internal"


def install(folder: Path) -> None:
    """Puts a good certificate for every service into the folder of the estate."""
    (folder / _FOLDER).mkdir()
    shutil.copyfile(str(_issued("server.key")), folder / _FOLDER / "server.key")
    for service in CERTIFICATES:
        renew(folder, service)


def renew(folder: Path, service: str, *, expired: bool = False) -> None:
    """Puts a certificate in the place of the one that is served; an `expired` one is of no use."""
    fresh = folder / _FOLDER / f"{service}.new"
    shutil.copyfile(str(_issued(f"{service}.expired.pem" if expired else f"{service}.pem")), fresh)
    fresh.replace(folder / _FOLDER / f"{service}.pem")


def trust() -> ssl.SSLContext:
    """What a client trusts: the internal CA, and nobody else."""
    return ssl.create_default_context(cafile=str(_issued("ca.pem")))


class ServerCertificate:
    """The certificate that a service serves. Thread-safe."""

    def __init__(self, folder: Path, service: str, conditions: Conditions) -> None:
        self._conditions = conditions
        self._expired = _issued(f"{service}.expired.pem")
        self._key = folder / _FOLDER / "server.key"
        self._file = folder / _FOLDER / f"{service}.pem"
        self._lock = threading.Lock()
        self._loaded: tuple[Path, int] | None = None
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def wrap(self, connection: socket.socket) -> ssl.SSLSocket:
        """A connection after the handshake. Raises OSError, ssl.SSLError among others."""
        connection.settimeout(_HANDSHAKE_SECONDS)
        secured = self._current().wrap_socket(connection, server_side=True)
        secured.settimeout(None)
        return secured

    def _current(self) -> ssl.SSLContext:
        with self._lock:
            file = self._expired if self._conditions.value(EXPIRED) else self._file
            found = (file, file.stat().st_mtime_ns)
            if found != self._loaded:
                self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._context.load_cert_chain(file, self._key)
                self._loaded = found
            return self._context


def _issued(name: str) -> Path:
    return Path(str(files("andon.demo").joinpath("pki", name)))
