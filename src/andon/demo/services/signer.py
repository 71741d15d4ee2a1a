"""Commands to cars are signed by a security module that does one after the other.

It is the narrowest place of the platform. So that nobody waits for long, only a few may wait; who comes then is
turned away.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time

from andon.demo.metering import Meter
from andon.demo.services.client import UpstreamError

__all__ = ["CommandSigner"]

_SECONDS = 0.055
_WAITING = 12


class CommandSigner:
    """One session of the module; `seconds` are what a signature takes. Thread-safe."""

    def __init__(self, meter: Meter, seconds: float = _SECONDS, waiting: int = _WAITING) -> None:
        self._meter = meter
        self._seconds = seconds
        self._most = waiting
        self._key = secrets.token_bytes(32)
        self._session = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        meter.count("signer.requests.shed", 0)
        meter.gauge("signer.queue.length", lambda: self._waiting, "{request}")

    def sign(self, text: str) -> str:
        """The signature, when its turn has come. Raises UpstreamError (503) when too many wait."""
        with self._count:
            if self._waiting >= self._most:
                self._meter.count("signer.requests.shed")
                raise UpstreamError(f"signer is saturated: {self._waiting} requests are waiting, shed", 503)
            self._waiting += 1
        try:
            self._session.acquire()
        finally:
            with self._count:
                self._waiting -= 1
        try:
            time.sleep(self._seconds)
            return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        finally:
            self._session.release()
