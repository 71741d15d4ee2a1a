"""What connectors to systems behind HTTP have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from andon.connectors.connector import Check, CheckState, Connector, ConnectorConfig
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire.config import HttpConfig
from andon.connectors.wire.http import Wire
from andon.errors import AndonError

__all__ = ["HttpConnector", "clock_check", "tried"]

_SKEW = 5.0
"""Seconds by which a clock may differ before it is told: NTP keeps clocks within one, and `Date` has whole seconds."""


class HttpConnector(Connector):
    """A connector with one wire; `headers` are sent with every request (a tenant, a project)."""

    Config: ClassVar[type[ConnectorConfig]] = HttpConfig
    rate: ClassVar[float | None] = None
    """Requests a second that the system allows, None where it states no limit."""

    def __init__(self, name: str, config: Any, session: Session) -> None:
        super().__init__(name, config, session)
        self.wire = Wire(session, name, config, headers=self.headers(), rate=self.rate)

    def headers(self) -> Mapping[str, str]:
        return {}

    def tried(self, what: str, ask: Callable[[], str], hint: str = "") -> Check:
        """What `ask` found, as a check; what it could not get, with the hint that helps."""
        return tried(what, ask, hint)

    def clock(self) -> Check:
        """How far the system's clock is from ours; ask it something first."""
        return clock_check(self.wire.skew)


def tried(what: str, ask: Callable[[], str], hint: str = "") -> Check:
    """What `ask` found, as a check; what it could not get, with the hint that helps."""
    try:
        return Check(what, CheckState.OK, ask())
    except Unanswered as gap:
        return Check(what, CheckState.FAILED, gap.message, hint or gap.hint)
    except AndonError as error:  # A secret that is not there, a library that is not installed.
        return Check(what, CheckState.FAILED, error.message, error.hint)


def clock_check(skew: float | None) -> Check:
    """How far a system's clock is from ours: `skew` seconds ahead, None when it did not say."""
    if skew is None:
        return Check("clock", CheckState.WARNING, "it does not say what time it is")
    if abs(skew) > _SKEW:
        ahead = "ahead of" if skew > 0 else "behind"
        hint = "set both clocks by NTP; onsets would be ordered wrongly"
        return Check("clock", CheckState.WARNING, f"{abs(skew):.0f} s {ahead} ours", hint)
    return Check("clock", CheckState.OK, "as ours")
