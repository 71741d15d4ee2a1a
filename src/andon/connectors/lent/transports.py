"""Transports to a server: a program that is started without a shell, or an address; both with bounded answers."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import anyio
import httpx2
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

__all__ = ["MOST_WIRE", "Web", "started"]

MOST_WIRE = 16 << 20
"""Bytes of one message, or of one answer over HTTP: what is longer ends the connection."""
_INHERITED = ("PATH", "HOME", "LANG")
_LETTING_GO = 1.0

_Reading = MemoryObjectSendStream[SessionMessage | Exception]
_Writing = MemoryObjectReceiveStream[SessionMessage]


@asynccontextmanager
async def started(
    command: Sequence[str], env: Mapping[str, str], folder: Path | None
) -> AsyncGenerator[TransportStreams]:
    """A program that speaks MCP on its stdin and stdout, ended with all that it started.

    It gets PATH, HOME, LANG and `env`, nothing else of our environment. Raises OSError when it cannot be started.
    """
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=inherited | dict(env),
        cwd=folder,
        limit=MOST_WIRE,
        start_new_session=True,
    )
    try:
        arrived, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        write, sent = anyio.create_memory_object_stream[SessionMessage](0)
        async with anyio.create_task_group() as group:
            group.start_soon(_received, process, arrived)
            group.start_soon(_sent, process, sent)
            try:
                yield read, write
            finally:
                group.cancel_scope.cancel()
                for stream in (arrived, read, write, sent):
                    stream.close()
    finally:
        with anyio.CancelScope(shield=True):
            await _ended(process)


async def _received(process: asyncio.subprocess.Process, arrived: _Reading) -> None:
    """Its messages, until it ends or sends one that is too long."""
    assert process.stdout is not None
    with arrived, suppress(ValueError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        while line := await process.stdout.readline():
            try:
                message = jsonrpc_message_adapter.validate_json(line, by_name=False)
            except ValueError as error:
                await arrived.send(error)
                continue
            await arrived.send(SessionMessage(message))


async def _sent(process: asyncio.subprocess.Process, messages: _Writing) -> None:
    assert process.stdin is not None
    with suppress(OSError, anyio.ClosedResourceError):
        async for one in messages:
            text = one.message.model_dump_json(by_alias=True, exclude_unset=True)
            process.stdin.write(text.encode() + b"\n")
            await process.stdin.drain()


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Closes its stdin, and ends it and its children where that is not enough."""
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        with anyio.move_on_after(_LETTING_GO):
            await process.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
    with anyio.move_on_after(_LETTING_GO):
        await process.wait()


class Web:
    """An address that speaks MCP over streamable HTTP; `denied` tells whether it ever refused us."""

    def __init__(self, url: str, token: str, seconds: float) -> None:
        self._url = url
        self._token = token
        self._seconds = seconds
        self.denied = False

    @asynccontextmanager
    async def __call__(self) -> AsyncGenerator[TransportStreams]:
        headers = {"user-agent": "andon", "accept-encoding": "identity"}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        async with (
            httpx2.AsyncClient(
                transport=_Bounded(self), headers=headers, timeout=self._seconds, trust_env=False
            ) as client,
            self._streams(client) as streams,
        ):
            yield streams

    def _streams(self, client: httpx2.AsyncClient) -> AbstractAsyncContextManager[TransportStreams]:
        return streamable_http_client(self._url, http_client=client, max_sse_event_size=MOST_WIRE)


class _Bounded(httpx2.AsyncBaseTransport):
    """Sends as usual; an answer that is packed, or too long, is an error."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        self._web.denied = self._web.denied or response.status_code in (401, 403)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx2.ReadError("the answer is packed, which was not asked for", request=request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Counted(response.stream, request),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._inner = inner
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for part in self._inner:
            seen += len(part)
            if seen > MOST_WIRE:
                raise httpx2.ReadError("the answer is too long", request=self._request)
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()
