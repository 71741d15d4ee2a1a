"""Investigations as tools: they tell how far they are, and end when the client lets go of them."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import anyio
import anyio.to_thread
from anyio.streams.memory import MemoryObjectReceiveStream
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult
from pydantic import Field

from andon.app import investigating
from andon.app.investigating import Progress
from andon.app.sources import open_parts
from andon.config import Settings
from andon.connectors import Connector
from andon.errors import UsageError
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.mcp.cards import ShortReport, answered, short_report
from andon.mcp.desks import Desks
from andon.mcp.periods import period, seconds
from andon.mcp.questions import Run
from andon.mcp.records import Records
from andon.mcp.scope import Scope

__all__ = ["Investigations"]

AT_ONCE = 2
"""Investigations that run at the same time; the next ones wait."""
LETTING_GO = 3.0
"""Seconds that an investigation which nobody wants any more may take to mark its run as interrupted."""

_STEPS = {
    "asked": "asking which components there are",
    "understood": "reading the question",
    "widened": "looking more closely, and everywhere",
    "windows": "finding when it began",
    "located": "accounting for the symptom",
    "suspects": "weighing the suspects",
    "verified": "checking every claim",
    "report": "done",
}

_Words = Annotated[str, Field(description="what is wrong, in plain words", max_length=2000)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Names = Annotated[list[_Name] | None, Field(max_length=50)]
_Time = Annotated[str, Field(description="ISO 8601, such as 2026-06-19T10:25:00Z", max_length=40)]
_Last = Annotated[
    str, Field(description="how far back where no start is given: 90s, 30m, 6h, 2d", max_length=10)
]
_Told = Annotated[CallToolResult, ShortReport]
_Context = Context[Any, Any]


class _Stopped(KeyboardInterrupt):
    """The client let go: the run ends as if it had been interrupted at a terminal."""


@dataclass(frozen=True)
class Investigations:
    """`investigate` and `rerank`, within a scope; what is told on the way passes `hide`."""

    settings: Settings
    scope: Scope
    records: Records
    desks: Desks
    hide: Callable[[str], str]
    _room: list[anyio.CapacityLimiter] = field(default_factory=list)

    async def investigate(
        self,
        ctx: _Context,
        question: _Words,
        sources: _Names = None,
        start: _Time = "",
        end: _Time = "",
        components: _Names = None,
        exclude: _Names = None,
        last: _Last = "1h",
    ) -> _Told:
        """Find out why something went wrong: root-cause hypotheses by likelihood, each with checked evidence.

        Reads metrics, logs, traces, changes and architecture of the sources, and changes nothing in them. Takes
        seconds to minutes. Ask on with the other tools and the run's id.
        """
        chosen, back = self.scope.chosen(sources or ()), seconds(last)
        if not question.strip() and not components:
            await anyio.to_thread.run_sync(_require_symptom, chosen, self.settings)
        asked = Question(
            text=question.strip(),
            components=tuple(components or ()),
            incident=period(start, end),
            exclude=tuple(exclude or ()),
        )
        return await self._told(
            ctx, lambda told: investigating.start(asked, chosen, self.settings, told, last=back)
        )

    async def rerank(
        self,
        ctx: _Context,
        run: Run,
        exclude: _Names = None,
        pin: _Names = None,
        also: _Names = None,
        start: _Time = "",
        end: _Time = "",
    ) -> _Told:
        """Go on from a run: without components, with others first or also at fault, or with another time. Gives a new run."""
        incident = period(start, end)
        parent = await anyio.to_thread.run_sync(self.records.proceedable, run)
        known = self.desks.elements
        without = await anyio.to_thread.run_sync(known, parent.id, exclude or ())
        redirect = Question(
            text="",
            incident=incident,
            exclude=tuple(dict.fromkeys((*(exclude or ()), *without))),
            pins=await anyio.to_thread.run_sync(known, parent.id, pin or ()),
            also=await anyio.to_thread.run_sync(known, parent.id, also or ()),
        )
        return await self._told(
            ctx, lambda told: investigating.proceed(parent.id, redirect, self.settings, told)
        )

    async def _told(self, ctx: _Context, work: Callable[[Progress], Report]) -> CallToolResult:
        if not self._room:
            self._room.append(anyio.CapacityLimiter(AT_ONCE))
        async with self._room[0]:
            return answered(short_report(await _conducted(ctx, work, self.hide)))


def _require_symptom(sources: Sequence[str], settings: Settings) -> None:
    """Raises UsageError where nothing says what is wrong: no live system has alerts, no folder states a symptom."""
    with open_parts(sources, settings) as parts:
        for part in parts:
            if isinstance(part, Connector):
                return
            info = part.info()
            if info.symptom or info.alert is not None:
                return
    raise UsageError("nobody says what is wrong", hint="say it in `question`, in plain words")


async def _conducted(ctx: _Context, work: Callable[[Progress], Report], hide: Callable[[str], str]) -> Report:
    """What the work returns, done in a thread; where the caller is cancelled, it is stopped at its next event."""
    loop = asyncio.get_running_loop()
    send, receive = anyio.create_memory_object_stream[str](math.inf)
    stop, ended = threading.Event(), anyio.Event()

    def told(type_: str, payload: Mapping[str, Any]) -> None:
        if stop.is_set():
            raise _Stopped
        loop.call_soon_threadsafe(send.send_nowait, hide(_words(type_, payload)))

    def worked() -> Report | None:
        try:
            return work(told)
        except _Stopped:
            return None
        finally:
            loop.call_soon_threadsafe(ended.set)

    report: Report | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(_reported, ctx, receive)
        try:
            report = await anyio.to_thread.run_sync(worked, abandon_on_cancel=True)
        finally:
            stop.set()
            with anyio.move_on_after(LETTING_GO, shield=True):
                await ended.wait()
            send.close()
    assert report is not None
    return report


async def _reported(ctx: _Context, told: MemoryObjectReceiveStream[str]) -> None:
    done = 0
    async with told:
        async for words in told:
            done += 1
            await ctx.report_progress(done, None, words)


def _words(type_: str, payload: Mapping[str, Any]) -> str:
    if type_ in ("observed", "fetched"):
        return f"{payload['id']}: {payload['status']}, {payload['count']} read"
    if type_ == "arrived":
        return f"{payload['source']}: {payload['signal']} {payload['status']}, {payload['count']} read"
    if type_ == "called":
        return f"asked {payload['tool']}"
    return _STEPS.get(type_, type_)
