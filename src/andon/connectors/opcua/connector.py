"""An OPC UA server: history and live values of variables."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC
from typing import Any, ClassVar

from andon.connectors.connector import Check, CheckState, Connector, ConnectorConfig, Need
from andon.connectors.opcua.browsing import variables_of
from andon.connectors.opcua.client import connected, refusal
from andon.connectors.opcua.config import OpcUaConfig
from andon.connectors.opcua.history import History
from andon.connectors.points import Points
from andon.connectors.reading import Reading
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.errors import ConfigError
from andon.telemetry import MetricSeries, Result, Status

__all__ = ["OpcUaConnector"]

_SKEW = 5.0
"""Seconds by which a clock may differ before it is told."""
_DAY = 86_400.0
_TRIED = 3
"""Variables of which `check` asks the history."""


class OpcUaConnector(Connector):
    """Browses and reads, in one session a question."""

    kind = "opcua"
    title = "OPC UA"
    signals = (Signal.METRICS,)
    proved = "asyncua 2.1 server; its averages are an imitation"
    Config: ClassVar[type[ConnectorConfig]] = OpcUaConfig
    config: OpcUaConfig

    def metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        """The series of the variables; an equal question is sent once in a session."""
        return self.session.once((self.name, "metrics", need), lambda: self._metrics(need))

    def check(self) -> tuple[Check, ...]:
        try:
            return self.session.run(self._checked())
        except (Unanswered, ConfigError) as error:
            hide = self.session.vault.hide
            return (Check("reach", CheckState.FAILED, hide(error.message), hide(error.hint)),)

    def _metrics(self, need: Need) -> Result[tuple[MetricSeries, ...]]:
        reading, points = Reading(self.name), Points()
        with reading.part():
            most = min(
                self.config.limits.answer_bytes, self.session.left(self.name, self.config.limits.bytes)
            )
            self.session.run(self._read(need, reading, points, most))
        series = points.series(need.window)
        return reading.result(series, sum(len(one.times) for one in series))

    async def _read(self, need: Need, reading: Reading, points: Points, most: int) -> None:
        async with connected(self.config, self._password()) as client:
            variables = await variables_of(client, self.config, reading)
            history = History(client, need, reading, points, most)
            for variable in variables:
                if need.services and variable.key.service and variable.key.service not in need.services:
                    continue
                try:
                    await history.read(variable)
                except (ConnectionError, TimeoutError, asyncio.CancelledError):
                    raise
                except Exception as error:
                    gap = refusal(error)
                    reading.lacking(gap.status, gap.message, place=variable.node, hint=gap.hint)
                    if gap.status is Status.TRUNCATED:
                        break
            self.session.spend(self.name, history.size)

    async def _checked(self) -> tuple[Check, ...]:
        from asyncua.ua.object_ids import ObjectIds

        config = self.config
        async with connected(config, self._password()) as client:
            build = await _value(client, ObjectIds.Server_ServerStatus_BuildInfo_ProductName)
            version = await _value(client, ObjectIds.Server_ServerStatus_BuildInfo_SoftwareVersion)
            checks = [Check("reach", CheckState.OK, f"{build} {version}".strip()), _security(config)]
            reading, points = Reading(self.name), Points()
            variables = await variables_of(client, config, reading)
            checks.append(_found(len(variables)))
            now = await _value(client, ObjectIds.Server_ServerStatus_CurrentTime)
            clock = now.replace(tzinfo=UTC).timestamp() if now is not None else None
            need = Need(_last_day(clock or time.time()), step=3600.0)
            history = History(client, need, reading, points, config.limits.answer_bytes)
            checks += [await self._tried(history, variable) for variable in variables[:_TRIED]]
            return (*checks, _clock(clock))

    async def _tried(self, history: History, variable: Any) -> Check:
        """The last day of one variable."""
        before = len(history.points.held)
        try:
            await history.read(variable)
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:
            gap = refusal(error)
            return Check(variable.node, CheckState.FAILED, gap.message, gap.hint)
        told = {problem.message: problem.hint for problem in history.reading.result((), 0).problems if variable.node in problem.place}  # fmt: skip
        live = next((message for message in told if "no history" in message), "")
        if live:
            return Check(variable.node, CheckState.WARNING, live, told[live])
        held = len(history.points.held) > before
        return Check(
            variable.node,
            CheckState.OK,
            "has history of the last day" if held else "no values in the last day",
        )

    def _password(self) -> str:
        return self.session.vault.reveal(self.config.password) if self.config.password else ""


async def _value(client: Any, number: int) -> Any:
    found = await client.get_node(f"i={number}").read_data_value(raise_on_bad_status=False)
    return found.Value.Value if found.Value is not None else None


def _last_day(now: float) -> Any:
    from andon.telemetry import Window

    return Window(now - _DAY, now)


def _security(config: OpcUaConfig) -> Check:
    if config.secured:
        return Check("security", CheckState.OK, "signed and encrypted, Basic256Sha256")
    hint = "state `certificate`, `private_key` and `server_certificate`"
    return Check("security", CheckState.WARNING, "neither signed nor encrypted", hint)


def _found(count: int) -> Check:
    if count:
        return Check("nodes", CheckState.OK, f"{count:,} variables")
    return Check("nodes", CheckState.WARNING, "no variables", "check `browse`, and what the user may browse")


def _clock(clock: float | None) -> Check:
    if clock is None:
        return Check("clock", CheckState.WARNING, "it does not say what time it is")
    skew = clock - time.time()
    if abs(skew) > _SKEW:
        side = "ahead of" if skew > 0 else "behind"
        hint = "set both clocks by NTP; onsets would be ordered wrongly"
        return Check("clock", CheckState.WARNING, f"{abs(skew):.0f} s {side} ours", hint)
    return Check("clock", CheckState.OK, "as ours")
