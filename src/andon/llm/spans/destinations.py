"""Where spans go: to one collector over OTLP/HTTP, or into a file of OTLP JSON lines.

Nothing of the environment counts: no variables of the OpenTelemetry SDK, no proxies. Redirects are not followed,
nothing is sent twice. Source: OTLP specification 1.x, OTLP/HTTP.
"""

from __future__ import annotations

import os
import ssl
import time
from pathlib import Path
from threading import Thread
from typing import Protocol

import httpx2
import orjson

from andon.llm.spans.otlp import as_json, as_protobuf, batches, refused
from andon.llm.spans.span import Trace

__all__ = ["Collector", "Destination", "SpanFile", "Unsent", "deliver"]

_PATH = "/v1/traces"
_PROTOBUF = "application/x-protobuf"
_HEADERS = {"content-type": _PROTOBUF, "accept-encoding": "identity", "user-agent": "andon"}
_MOST = 64 << 10
"""Bytes of an answer that are read."""


class Unsent(Exception):
    """Spans did not arrive; the message says why, in words that follow the place."""


class Destination(Protocol):
    """Takes the spans of a trace within so many seconds. Raises Unsent where it does not."""

    @property
    def place(self) -> str: ...

    def send(self, trace: Trace, seconds: float, /) -> None: ...


def deliver(destination: Destination, trace: Trace, seconds: float) -> str:
    """Sends a trace, and says why it did not arrive, nothing where it did. Never raises, never takes longer.

    It works in a thread, since neither a look-up of a name nor a write to a disk can be told when to stop.
    """
    outcome: list[str] = []

    def work() -> None:
        try:
            destination.send(trace, seconds)
            outcome.append("")
        except Unsent as why:
            outcome.append(str(why))
        except Exception as error:
            outcome.append(f"could not be written ({type(error).__name__})")

    thread = Thread(target=work, name="andon-spans", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # The process is ending, or may not have another thread.
        return "could not be sent: no thread could be started"
    thread.join(seconds)
    return outcome[0] if outcome else f"no whole answer within {seconds:g} s"


class Collector:
    """A collector by its address, such as http://localhost:4318: `/v1/traces` is added unless it ends in it."""

    def __init__(self, url: str) -> None:
        bare = url.rstrip("/")
        self._url = bare if bare.endswith(_PATH) else bare + _PATH

    @property
    def place(self) -> str:
        return self._url

    def send(self, trace: Trace, seconds: float, /) -> None:
        ends = time.monotonic() + seconds
        secure = self._url.startswith("https:")
        try:
            with httpx2.Client(
                verify=ssl.create_default_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                trust_env=False,
                follow_redirects=False,
            ) as client:
                for batch in batches(trace):
                    self._post(client, as_protobuf(trace, batch), ends)
        except httpx2.TimeoutException:
            raise Unsent(f"no whole answer within {seconds:g} s") from None
        except (httpx2.HTTPError, OSError) as error:
            raise Unsent(f"cannot be reached ({type(error).__name__})") from None

    def _post(self, client: httpx2.Client, body: bytes, ends: float) -> None:
        left = ends - time.monotonic()
        if left <= 0:
            raise httpx2.ReadTimeout("no time is left for the rest")
        with client.stream("POST", self._url, content=body, headers=_HEADERS, timeout=left) as response:
            answer = b""
            for part in response.iter_raw():
                answer += part
                if len(answer) > _MOST or time.monotonic() > ends:
                    break
        if response.is_redirect:
            raise Unsent(f"sends us elsewhere ({response.status_code}); redirects are not followed")
        if not response.is_success:
            raise Unsent(f"answered with {response.status_code}")
        known = response.headers.get("content-type", "").startswith(_PROTOBUF)
        if known and (count := refused(answer)):
            raise Unsent(f"refused {count} of the spans")


class SpanFile:
    """A file to which one line of OTLP JSON is added for each run; only its owner can read it when it is new."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        return str(self._path)

    def send(self, trace: Trace, _seconds: float, /) -> None:
        line = orjson.dumps(as_json(trace, trace.spans), option=orjson.OPT_APPEND_NEWLINE)
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(line)
        except OSError as error:
            raise Unsent(f"cannot be written: {error.strerror}") from error
