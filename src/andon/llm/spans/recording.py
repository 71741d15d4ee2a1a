"""To record a run: its spans are collected while it goes on, and given away when it ends, however it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from andon.config import ModelEntry, Tracing
from andon.errors import AndonError
from andon.llm.spans.names import agent_attributes
from andon.llm.spans.otlp import otlp_messages
from andon.llm.spans.span import Trace, recording, span

if TYPE_CHECKING:
    from andon.llm.spans.destinations import Destination

__all__ = ["PATIENCE", "TRACED", "recorded"]

TRACED = "traced"
"""The event of the journal that says where the spans of a run went, and `problem` why they did not."""
PATIENCE = 2.0
"""Seconds that a run waits for whoever takes its spans, at most."""

Journal = Callable[[str, Mapping[str, Any]], None]


@contextmanager
def recorded(
    tracing: Tracing | None, run: str, model: ModelEntry | None, journal: Journal, patience: float = PATIENCE
) -> Iterator[None]:
    """Records what is done in it as the run's trace; does nothing where no tracing is configured.

    Where the spans cannot be given away, the journal says so, and the run is none the worse. Raises MissingExtra before
    it begins where a collector is named and the library that speaks to it is not installed.
    """
    if tracing is None:
        yield
        return
    destination = _destination(tracing)
    trace = Trace({"gen_ai.conversation.id": run, "andon.run": run}, tracing.content)
    try:
        with recording(trace), span("invoke_agent andon", attributes=agent_attributes(model)):
            yield
    finally:
        from andon.llm.spans.destinations import deliver

        problem = _forbidden(tracing) or deliver(destination, trace, patience)
        told = {
            "to": destination.place,
            "trace": trace.id.hex(),
            "spans": len(trace.spans),
            "problem": problem,
        }
        with suppress(AndonError):  # A run that is done is not undone by a note about its spans.
            journal(TRACED, told)


def _destination(tracing: Tracing) -> Destination:
    from andon.llm.spans.destinations import Collector, SpanFile

    if not tracing.url:
        return SpanFile(Path(tracing.file))
    otlp_messages()
    return Collector(tracing.url)


def _forbidden(tracing: Tracing) -> str:
    """Why nothing may be sent: ANDON_OFFLINE leaves files and collectors on this machine, and no others."""
    from andon.llm.providers.address import Address, offline

    if not tracing.url or not offline():
        return ""
    parts = urlsplit(tracing.url)
    near = Address(parts.scheme, parts.hostname or "", parts.port or 0).loopback
    return "" if near else "ANDON_OFFLINE forbids requests to other machines"
