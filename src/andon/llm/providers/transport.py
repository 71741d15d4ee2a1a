"""The network of a model's client: one address, few headers, retries, a deadline, and no key in what comes back.

The provider's client library is given a placeholder instead of the key. The key is put in here, on the last
step, so it can be in no log, repr or error text of a library; and what a server echoes of it is blotted out.
Headers that the libraries add to count their users (operating system, versions) are not sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

import httpx2

from andon.errors import ConfigError
from andon.llm.choice import hide
from andon.llm.providers.address import Address, Refused, Unreadable
from andon.llm.providers.retries import pause
from andon.llm.providers.shapes import Shape, check

__all__ = ["BlockingTransport", "Manners", "ModelTransport"]

MOST = 32 << 20
"""Bytes of one answer at most."""
_CONNECT = 10.0
_SENT = frozenset(["accept", "anthropic-beta", "anthropic-version", "content-type", "host"])
_STREAMS = ("text/event-stream", "application/vnd.amazon.eventstream")
_PACKING = frozenset(["content-encoding", "content-length", "transfer-encoding"])
_ONE_BY_ONE = httpx2.Limits(max_keepalive_connections=0)
"""No connection is kept for the next request: it would belong to one event loop, and a model may be asked from
several. Beside the seconds that a model takes, a new one costs little."""
_BROKEN = (httpx2.NetworkError, httpx2.RemoteProtocolError, httpx2.ConnectTimeout)

Outcome = httpx2.Response | httpx2.TransportError


@dataclass(frozen=True, slots=True)
class Manners:
    """What holds for every request to one address.

    `credentials` are the headers that hold the key, `key` what is blotted out of answers, `also` the
    headers that may be sent beside the common ones, in lower case. `shape` is that of a whole, good
    answer. `timeout` is seconds for a request with all its retries.
    """

    address: Address
    timeout: float
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: str = field(default="", repr=False)
    also: frozenset[str] = frozenset()
    shape: type[Shape] = Shape

    def prepared(self, request: httpx2.Request, content: bytes) -> httpx2.Request:
        """The request as it is sent. Raises Refused where it would go elsewhere."""
        self.address.admit(request.url)
        kept = {name: value for name, value in request.headers.items() if name in _SENT | self.also}
        headers = kept | {"user-agent": "andon", "accept-encoding": "identity"} | dict(self.credentials)
        return httpx2.Request(request.method, request.url, headers=headers, content=content)

    def answered(self, response: httpx2.Response, body: bytes) -> httpx2.Response:
        """A whole answer, unpacked, without our secrets. Raises Refused for a redirect, Unreadable where it is none."""
        if 300 <= response.status_code < 400:
            raise Refused(f"{self.address} sends us elsewhere ({response.status_code})")
        if response.is_success:
            check(body, self.shape)
        headers = [
            (name, hide(value, self.key))
            for name, value in response.headers.multi_items()
            if name not in _PACKING
        ]
        return httpx2.Response(response.status_code, headers=headers, content=_blotted(body, self.key))

    def proxy(self) -> httpx2.Proxy | None:
        """The proxy of the environment. Raises ConfigError where that is no address of one."""
        if (url := self.address.proxy()) is None:
            return None
        try:
            return httpx2.Proxy(url)
        except (ValueError, httpx2.InvalidURL):
            raise ConfigError(
                "the proxy that the environment names cannot be used",
                hint="HTTPS_PROXY=http://host:port, or NO_PROXY for the model's host",
            ) from None


class ModelTransport(httpx2.AsyncBaseTransport):
    """Sends the requests of an asynchronous client; `inner` is the network, or what stands in for it."""

    def __init__(
        self,
        manners: Manners,
        inner: httpx2.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.manners = manners
        self._inner = inner or httpx2.AsyncHTTPTransport(proxy=manners.proxy(), limits=_ONE_BY_ONE)
        self._sleep = sleep

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer. Raises Refused, and what httpx2 raises when none came back whole and in time."""
        tries = _Tries(self.manners, self.manners.prepared(request, await request.aread()))
        while (wait := tries.wait(outcome := await self._outcome(tries))) is not None:
            await self._sleep(wait)
        return _told(outcome)

    async def _outcome(self, tries: _Tries) -> Outcome:
        try:
            response = await self._inner.handle_async_request(tries.request())
            if _streams(response):
                return _streamed(response, tries)
            try:
                body = b"".join([part async for part in tries.bounded(response.aiter_bytes())])
            finally:
                await response.aclose()
        except _BROKEN as error:
            return error
        return self.manners.answered(response, body)

    async def aclose(self) -> None:
        await self._inner.aclose()


class BlockingTransport(httpx2.BaseTransport):
    """The same for a client that blocks."""

    def __init__(
        self,
        manners: Manners,
        inner: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.manners = manners
        self._inner = inner or httpx2.HTTPTransport(proxy=manners.proxy(), limits=_ONE_BY_ONE)
        self._sleep = sleep

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer. Raises Refused, and what httpx2 raises when none came back whole and in time."""
        tries = _Tries(self.manners, self.manners.prepared(request, request.read()))
        while (wait := tries.wait(outcome := self._outcome(tries))) is not None:
            self._sleep(wait)
        return _told(outcome)

    def _outcome(self, tries: _Tries) -> Outcome:
        try:
            response = self._inner.handle_request(tries.request())
            if _streams(response):
                return _streamed(response, tries)
            try:
                body = b"".join(map(tries.counted, response.iter_bytes()))
            finally:
                response.close()
        except _BROKEN as error:
            return error
        return self.manners.answered(response, body)

    def close(self) -> None:
        self._inner.close()


class _Tries:
    """The attempts at one request, and the bytes of its answer."""

    def __init__(self, manners: Manners, sent: httpx2.Request) -> None:
        self._manners = manners
        self._sent = sent
        self._ends = time.monotonic() + manners.timeout
        self._attempt = -1
        self._size = 0

    def request(self) -> httpx2.Request:
        """The request once more, with what is left of its time. Raises ReadTimeout when that is nothing."""
        left = self._left()
        connect = min(_CONNECT, left)
        self._sent.extensions = {"timeout": {"connect": connect, "read": left, "write": left, "pool": left}}
        self._attempt, self._size = self._attempt + 1, 0
        return self._sent

    def wait(self, outcome: Outcome) -> float | None:
        """Seconds until the next attempt, None when this was the last."""
        left = self._ends - time.monotonic()
        if isinstance(outcome, httpx2.TransportError):
            return pause(self._attempt, left)
        body = outcome.content if outcome.is_closed else b""
        return pause(self._attempt, left, outcome.status_code, outcome.headers, body)

    def counted(self, part: bytes) -> bytes:
        """A part of the answer. Raises ReadTimeout when the time is over, Unreadable when it is too much."""
        self._left()
        self._size += len(part)
        if self._size > MOST:
            raise Unreadable(f"it is larger than {MOST:,} bytes")
        return part

    async def bounded(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for part in parts:
            yield self.counted(part)

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpx2.ReadTimeout(
                f"no whole answer within {self._manners.timeout:g} s", request=self._sent
            )
        return left


class _Bounded(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """An answer that comes bit by bit, as long as there is time for it."""

    def __init__(self, stream: object, tries: _Tries) -> None:
        self._stream = stream
        self._tries = tries

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, httpx2.SyncByteStream)
        return map(self._tries.counted, self._stream)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._stream, httpx2.AsyncByteStream)
        async for part in self._stream:
            yield self._tries.counted(part)

    def close(self) -> None:
        assert isinstance(self._stream, httpx2.SyncByteStream)
        self._stream.close()

    async def aclose(self) -> None:
        assert isinstance(self._stream, httpx2.AsyncByteStream)
        await self._stream.aclose()


def _streams(response: httpx2.Response) -> bool:
    return response.is_success and response.headers.get("content-type", "").startswith(_STREAMS)


def _streamed(response: httpx2.Response, tries: _Tries) -> httpx2.Response:
    stream = _Bounded(response.stream, tries)
    return httpx2.Response(
        response.status_code, headers=response.headers, stream=stream, extensions=response.extensions
    )


def _told(outcome: Outcome) -> httpx2.Response:
    if isinstance(outcome, httpx2.TransportError):
        raise outcome
    return outcome


def _blotted(body: bytes, key: str) -> bytes:
    """The body without the key, byte for byte the same where it is not there."""
    return hide(body.decode("latin-1"), key).encode("latin-1") if key else body
