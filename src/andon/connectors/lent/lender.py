"""A lender: one MCP server of andon.yaml, connected for a run; whatever it does, it answers or is a gap."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError

from andon.connectors.lent.answers import LentAnswer, answer_of, plain
from andon.connectors.lent.config import LentConfig, lent_config
from andon.connectors.lent.offers import MOST_TOOLS, LentTool, chosen
from andon.connectors.secrets import Vault
from andon.errors import AndonError, MissingExtra
from andon.telemetry import Problem, Status

if TYPE_CHECKING:
    from mcp import Client
    from mcp.client._transport import TransportStreams
    from mcp.types import CallToolResult, Tool

__all__ = ["Lender", "open_lenders"]

Transport = Callable[[], "AbstractAsyncContextManager[TransportStreams]"]

_PAGES = 20
"""Of a list of tools: a server may number them without end."""
_OFFERED = 20 * MOST_TOOLS
_MOST_SENT = 16_000
"""Bytes of the arguments of one call."""
_LETTING_GO = 5.0


class Lender:
    """`tools` are what the server lends, `problems` what it does not and why; both are there after `open`.

    The connection lives in a thread of its own. Nothing here raises for what a server does.
    """

    def __init__(
        self, name: str, config: LentConfig, transport: Transport, hide: Callable[[str], str] = str
    ) -> None:
        self.name = name
        self.config = config
        self.tools: tuple[LentTool, ...] = ()
        self.problems: tuple[Problem, ...] = ()
        self._transport = transport
        self._hide = hide
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Client | None = None
        self._closing: asyncio.Event | None = None

    def open(self, taken: Collection[str] = ()) -> None:
        """Connects and asks what is lent; a server that does not answer in time lends nothing."""
        opened: Future[list[Tool]] = Future()
        self._thread = threading.Thread(target=self._held, args=(opened,), name="lender", daemon=True)
        self._thread.start()
        try:
            offered = opened.result(self.config.limits.seconds + _LETTING_GO)
        except Exception as error:  # Whatever a server does, the run goes on without it.
            gap = self._gap(error)
            self.problems = gap.problems
            return
        self.tools, self.problems = chosen(self.name, offered, self.config, taken)

    def call(self, tool: str, arguments: Mapping[str, Any]) -> LentAnswer:
        """What the tool answers. Never raises; secrets of ours are hidden in it."""
        if len(orjson.dumps(dict(arguments), option=orjson.OPT_NON_STR_KEYS)) > _MOST_SENT:
            return self._failed(f"arguments of more than {_MOST_SENT} bytes are not sent")
        if self._loop is None or self._client is None:
            return self._failed("the connection has ended")
        asked = asyncio.run_coroutine_threadsafe(self._asked(tool, dict(arguments)), self._loop)
        try:
            result = asked.result(self.config.limits.seconds + _LETTING_GO)
        except Exception as error:  # Whatever a server does, it is a gap in what is known.
            asked.cancel()
            return self._gap(error)
        return answer_of(result, f"{self.name}.{tool}", self.config.limits.bytes, self._hide)

    def close(self) -> None:
        """Ends the connection, and the program behind it; safe to call twice."""
        loop, closing = self._loop, self._closing
        if loop is not None and closing is not None and not loop.is_closed():
            loop.call_soon_threadsafe(closing.set)
        if self._thread is not None:
            self._thread.join(_LETTING_GO)

    def _held(self, opened: Future[list[Tool]]) -> None:
        try:
            asyncio.run(self._connected(opened))
        except BaseException as error:  # It is told to whoever waits; later calls find no connection.
            if not opened.done():
                opened.set_exception(error)

    async def _connected(self, opened: Future[list[Tool]]) -> None:
        """Holds the connection in one task from its beginning to its end, as its library needs."""
        import anyio
        from mcp import Client

        self._loop, self._closing = asyncio.get_running_loop(), asyncio.Event()
        seconds = self.config.limits.seconds
        try:
            with anyio.move_on_after(seconds) as scope:
                async with Client(self._transport(), read_timeout_seconds=seconds, cache=None) as client:
                    offered = await _listed(client)
                    scope.deadline = math.inf
                    self._client = client
                    opened.set_result(offered)
                    await self._closing.wait()
            if not opened.done():
                raise TimeoutError
        finally:
            self._client = None

    async def _asked(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        """Sent without the check of the answer that the library makes by a schema of the server's own."""
        from mcp.types import CallToolRequest, CallToolRequestParams, CallToolResult

        client, seconds = self._client, self.config.limits.seconds
        if client is None:
            raise ConnectionError("the connection has ended")
        request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=arguments))
        async with asyncio.timeout(seconds):
            return await client.session.send_request(request, CallToolResult, seconds)

    def _gap(self, error: BaseException) -> LentAnswer:
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if getattr(self._transport, "denied", False):
            return self._failed("access was denied", Status.DENIED)
        if isinstance(error, TimeoutError) or "imed out" in str(error):
            return self._failed(f"no answer within {self.config.limits.seconds:g} s")
        if isinstance(error, ValidationError):
            return self._failed("it answers otherwise than the protocol says")
        words = plain(self._hide(f"{type(error).__name__}: {error}"), 200)
        return self._failed(f"it does not answer ({words})")

    def _failed(self, words: str, status: Status = Status.FAILED) -> LentAnswer:
        return LentAnswer(status, problems=(Problem(self.name, words),))


async def _listed(client: Client) -> list[Tool]:
    """What is offered, as far as anyone could want to read it."""
    found: list[Tool] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        cursor = page.next_cursor
        if not cursor or len(found) >= _OFFERED:
            break
    return found


@contextmanager
def open_lenders(
    stated: Mapping[str, Mapping[str, Any]],
    vault: Vault,
    *,
    folder: Path | None = None,
    origin: str = "mcp",
    taken: Collection[str] = (),
) -> Iterator[tuple[Lender, ...]]:
    """All of the servers of andon.yaml, connected at once and closed afterwards.

    Raises ConfigError for an entry that is wrong, before anything is started, and MissingExtra where the package mcp
    is not installed. A server that cannot be reached, or
    whose secret is not there, lends nothing and says why.
    """
    # What its library would write to stderr are words of strangers; the problems tell what counts.
    logging.getLogger("mcp.client").addHandler(logging.NullHandler())
    logging.getLogger("mcp.client").propagate = False
    configs = {name: lent_config(name, entry, folder=folder, origin=origin) for name, entry in stated.items()}
    try:
        lenders = [_lender(name, config, vault, folder) for name, config in configs.items()]
    except ImportError as error:
        raise MissingExtra(
            f"{origin}: servers that lend tools need the package mcp: {error}",
            hint="pip install --upgrade andon",
        ) from error
    names = set(taken)
    try:
        with ThreadPoolExecutor(max_workers=max(1, len(lenders))) as pool:
            list(pool.map(lambda one: one.open(names), lenders))
        yield tuple(lenders)
    finally:
        for lender in lenders:
            lender.close()


def _lender(name: str, config: LentConfig, vault: Vault, folder: Path | None) -> Lender:
    from andon.connectors.lent.transports import Web, started

    def transport() -> AbstractAsyncContextManager[TransportStreams]:
        env = {
            key: vault.reveal(value) if value.startswith("${") else value for key, value in config.env.items()
        }
        return started(config.command, env, folder)

    if config.command:
        return Lender(name, config, transport, vault.hide)
    try:
        token = vault.reveal(config.auth.bearer) if config.auth else ""
    except AndonError as error:
        return Lender(name, config, _refusing(error), vault.hide)
    return Lender(name, config, Web(config.url, token, config.limits.seconds), vault.hide)


def _refusing(error: AndonError) -> Transport:
    def transport() -> AbstractAsyncContextManager[TransportStreams]:
        raise error

    return transport
