"""`alerts`: what the monitoring systems themselves say is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from andon.connectors import Signal, Source
from andon.connectors.joined import JoinedSource
from andon.investigation.toolbox import Answer, Toolbox
from andon.storage import Observation
from andon.telemetry import Alert, Status, Window

__all__ = ["Alerts", "fired"]

TOOL = "alerts"


@dataclass(frozen=True, slots=True)
class Alerts:
    """Alerts in the order in which they began."""

    alerts: tuple[Alert, ...]


def fired(box: Toolbox, window: Window) -> tuple[Observation, ...]:
    """The alerts that fired in the window; content `Alerts`. Nothing is asked where no system has any."""
    held = any(
        isinstance(source, JoinedSource) and Signal.ALERTS in source.info().signals for source in box.sources
    )
    if not held and not any(o.tool == TOOL for o in (*box.ledger, *box.ledger.foreseen)):
        return ()

    def fetch(source: Source) -> Answer:
        if not isinstance(source, JoinedSource):
            return Answer(Alerts(()), Status.EMPTY, 0)
        result = source.alerts()
        found = tuple(
            a for a in result.value if a.start < window.end and (a.end is None or a.end > window.start)
        )
        return Answer(Alerts(found), result.status, len(found), result.problems)

    return box.ask(TOOL, {"what": "alerts"}, fetch, window=window)
