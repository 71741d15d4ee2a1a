"""Why a request is not acknowledged, as both protocols say it.

Source: the OTLP specification 1.x, on failures and throttling. Over gRPC, `RESOURCE_EXHAUSTED` and
`UNAVAILABLE` carry a RetryInfo, without which clients drop what they hold; over HTTP the body is a
google.rpc.Status in the form of the request. The messages are so small that they are written here.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["RETRY_SECONDS", "Reason", "Refusal", "status_message"]

RETRY_SECONDS = 1
"""After which a sender may try again: what waits is written within it, unless the disk is the trouble."""


class Reason(Enum):
    """A reason with its HTTP status and its gRPC code."""

    MALFORMED = 400, 3
    UNAUTHENTICATED = 401, 16
    NOT_FOUND = 404, 5
    WRONG_METHOD = 405, 12
    SLOW = 408, 4
    TOO_LARGE = 413, 3
    WRONG_FORM = 415, 3
    OVERLOADED = 429, 8
    UNAVAILABLE = 503, 14

    @property
    def http(self) -> int:
        return self.value[0]

    @property
    def code(self) -> int:
        """The number of the gRPC code."""
        return self.value[1]

    @property
    def passing(self) -> bool:
        """Whether the same request may be taken later."""
        return self in (Reason.OVERLOADED, Reason.UNAVAILABLE)


class Refusal(Exception):
    """A request that is not acknowledged, and what its sender is told."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def status_message(refusal: Refusal) -> bytes:
    """The refusal as a google.rpc.Status in the binary form, with a RetryInfo where trying again helps."""
    found = _number(1, refusal.reason.code) + _bytes(2, refusal.message.encode())
    if refusal.reason.passing:
        duration = _number(1, RETRY_SECONDS)
        retry = _bytes(1, b"type.googleapis.com/google.rpc.RetryInfo") + _bytes(2, _bytes(1, duration))
        found += _bytes(3, retry)
    return found


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
