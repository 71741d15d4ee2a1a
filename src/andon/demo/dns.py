"""The private zone of the estate: a DNS server on loopback and the resolver of its clients.

Speaks RFC 1035 over UDP, for A records only. Services have addresses of the network 10.0.0.0/8; `loopback`
says where such an address is found on this machine.
"""

from __future__ import annotations

import secrets
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Record", "Resolver", "ZoneServer", "loopback"]

_HEADER = struct.Struct("!HHHHHH")
_ANSWER = struct.Struct("!HHHIH4s")
_TYPE_A, _CLASS_IN = 1, 1
_QUERY, _RESPONSE = 0x0100, 0x8580
_NO_SUCH_NAME = 3
_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Record:
    """An address, or the name that this one is an alias of; kept for `ttl` seconds by who asked."""

    address: str = ""
    alias: str = ""
    ttl: int = 3


def loopback(address: str) -> str:
    """Where an address of 10.0.0.0/8 is found here: the same one of 127.0.0.0/8."""
    return "127." + address.partition(".")[2]


class ZoneServer(socketserver.ThreadingUDPServer):
    """Answers with what `lookup` has under a name."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, lookup: Callable[[str], Record | None]) -> None:
        self.lookup = lookup
        super().__init__(("127.0.0.1", port), _ZoneHandler)

    def answer(self, query: bytes) -> bytes:
        """The response to a query for one name."""
        identifier, *_ = _HEADER.unpack_from(query)
        name, end = _read_name(query)
        record = self.lookup(name)
        if record is not None and record.alias:
            record = self.lookup(record.alias)
        question = query[_HEADER.size : end + 4]
        if record is None:
            return _HEADER.pack(identifier, _RESPONSE | _NO_SUCH_NAME, 1, 0, 0, 0) + question
        found = _ANSWER.pack(0xC00C, _TYPE_A, _CLASS_IN, record.ttl, 4, socket.inet_aton(record.address))
        return _HEADER.pack(identifier, _RESPONSE, 1, 1, 0, 0) + question + found


class _ZoneHandler(socketserver.DatagramRequestHandler):
    server: ZoneServer

    def handle(self) -> None:
        self.wfile.write(self.server.answer(self.packet))


class Resolver:
    """Asks the server on `port`, and again when the time to live of an answer is over. Thread-safe."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, str]] = {}

    def address(self, name: str) -> str:
        """The address of a name, or socket.gaierror as getaddrinfo(3) has it."""
        with self._lock:
            until, address = self._known.get(name, (0.0, ""))
            if time.monotonic() < until:
                return address
            address, ttl = self._ask(name)
            self._known[name] = (time.monotonic() + ttl, address)
            return address

    def _ask(self, name: str) -> tuple[str, int]:
        query = _HEADER.pack(secrets.randbits(16), _QUERY, 1, 0, 0, 0) + _written(name)
        query += struct.pack("!HH", _TYPE_A, _CLASS_IN)
        with socket.socket(type=socket.SOCK_DGRAM) as asking:
            asking.settimeout(_TIMEOUT_SECONDS)
            try:
                asking.sendto(query, ("127.0.0.1", self._port))
                response = asking.recv(512)
            except OSError as error:
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution") from error
        _, flags, _, answers, _, _ = _HEADER.unpack_from(response)
        if flags & 0xF or not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        *_, ttl, _, address = _ANSWER.unpack_from(response, len(query))
        return socket.inet_ntoa(address), ttl


def _written(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def _read_name(message: bytes) -> tuple[str, int]:
    """The name in the question, and where it ends."""
    labels, at = [], _HEADER.size
    while message[at]:
        labels.append(message[at + 1 : at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels), at + 1
