"""asyncua's own OPC UA server on a free loopback port, with history in memory, and with averages that it lacks.

What asyncua's server does not do is imitated on top of it: ReadProcessed with the aggregate Average (part 13: the mean of
the good values in each interval, BadNoData where there are none), pages with continuation points, and refusals.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import socket
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

__all__ = ["OpcUaImitation"]


class OpcUaImitation:
    """A plant with one object, `Press`, whose variables are given as name to (Unix seconds, value, status name).

    `averages`: it computes them. `page`: values that it gives at most before a continuation point, 0 as many as asked for.
    `users`: user to password, none lets everybody in. `certificate` and `key` (DER or PEM files) make it demand Basic256Sha256.
    """

    def __init__(
        self,
        variables: dict[str, Iterable[tuple[float, Any, str]]],
        *,
        averages: bool = False,
        page: int = 0,
        users: dict[str, str] | None = None,
        certificate: str = "",
        key: str = "",
    ) -> None:
        self.variables = {name: list(values) for name, values in variables.items()}
        self.averages, self.page, self.users = averages, page, users
        self.certificate, self.key = certificate, key
        self.asked: list[str] = []
        """The kind of details of each HistoryRead."""
        self.released = 0
        self.press = ""
        """The node id of the object."""
        self.nodes: dict[str, str] = {}
        """Variable to its node id."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: Any = None

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> None:
        from asyncua.server.server import Server

        ua = _ua()
        self._server = server = Server(user_manager=_users(self.users) if self.users else None)
        await server.init()
        server.set_endpoint(self.url)
        if self.certificate:
            await server.load_certificate(self.certificate)
            await server.load_private_key(self.key)
            server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
        press = await server.nodes.objects.add_object(2, "Press")
        self.press = press.nodeid.to_string()
        for name, values in self.variables.items():
            await self._add(press, name, values)
        self._server.iserver.history_manager.read_history = self._read_history
        await server.start()

    async def _add(self, press: Any, name: str, values: list[tuple[float, Any, str]]) -> None:
        ua = _ua()
        variable = await press.add_variable(
            ua.NodeId.from_string(f"ns=2;s=Press.{name}"), name, values[0][1] if values else 0.0
        )
        self.nodes[name] = variable.nodeid.to_string()
        manager = self._server.iserver.history_manager
        await manager.storage.new_historized_node(variable.nodeid, None)
        for time, value, status in values:
            found = ua.DataValue(
                ua.Variant(value),
                StatusCode=ua.StatusCode(getattr(ua.StatusCodes, status)),
                SourceTimestamp=datetime.fromtimestamp(time, UTC),
                ServerTimestamp=datetime.fromtimestamp(time, UTC),
            )
            await manager.storage.save_node_value(variable.nodeid, found)
        if values:
            await variable.write_value(found)

    async def _read_history(self, params: Any) -> list[Any]:
        details = params.HistoryReadDetails
        self.asked.append(type(details).__name__)
        return [
            await self._one(details, node, params.ReleaseContinuationPoints) for node in params.NodesToRead
        ]

    async def _one(self, details: Any, node: Any, release: bool) -> Any:
        ua = _ua()
        manager = self._server.iserver.history_manager
        if release:
            self.released += 1
            return ua.HistoryReadResult()
        if isinstance(details, ua.ReadProcessedDetails):
            return (
                await self._averaged(details, node)
                if self.averages
                else await manager._read_history(details, node)
            )
        if not self.page:
            return await manager._read_history(details, node)
        start = int(node.ContinuationPoint or b"0")
        whole, _ = await manager.storage.read_node_history(node.NodeId, details.StartTime, details.EndTime, 0)
        result = ua.HistoryReadResult()
        result.HistoryData = ua.HistoryData(whole[start : start + self.page])
        more = start + self.page < len(whole)
        result.ContinuationPoint = str(start + self.page).encode() if more else None
        return result

    async def _averaged(self, details: Any, node: Any) -> Any:
        ua = _ua()
        storage = self._server.iserver.history_manager.storage
        whole, _ = await storage.read_node_history(node.NodeId, details.StartTime, details.EndTime, 0)
        step = timedelta(milliseconds=details.ProcessingInterval)
        start, found = details.StartTime.replace(tzinfo=UTC), []
        end = details.EndTime.replace(tzinfo=UTC)
        while start < end:
            inside = [
                v for v in whole if start <= v.SourceTimestamp < start + step and v.StatusCode.is_good()
            ]
            numbers = [v.Value.Value for v in inside]
            good = ua.StatusCode() if numbers else ua.StatusCode(ua.StatusCodes.BadNoData)
            value = ua.Variant(sum(numbers) / len(numbers)) if numbers else ua.Variant(None)
            found.append(ua.DataValue(value, StatusCode=good, SourceTimestamp=start))
            start += step
        result = ua.HistoryReadResult()
        result.HistoryData = ua.HistoryData(found)
        return result


def _users(known: dict[str, str]) -> Any:
    """Lets in who knows the password."""
    from asyncua.crypto.permission_rules import User, UserRole

    class Users:
        def get_user(
            self, _iserver: Any, username: Any = None, password: Any = None, **_more: Any
        ) -> User | None:
            right = username in known and known[username] == password
            return User(role=UserRole.User, name=username) if right else None

    return Users()


def _ua() -> Any:
    """asyncua's types, without theirs: the generated ones are too narrow for what its server takes."""
    return importlib.import_module("asyncua.ua")
