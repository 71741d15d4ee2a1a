"""Drops in a local folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from andon.connectors.connector import Limits
from andon.connectors.historian.drops import Drop, DropBundle, Listing, Opened, drops_in, may_hold
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.errors import AccessError, SourceError
from andon.telemetry import Status, Window

__all__ = ["Folder"]


class Folder:
    """Files where they lie; see `Drops`."""

    def __init__(self, path: Path, source: str, session: Session, limits: Limits) -> None:
        self.path, self.place = path, str(path)
        self.source, self.session, self.limits = source, session, limits

    def listed(self, pattern: str) -> Listing:
        return Listing(tuple(drops_in(self.path, pattern)))

    def holding(self, drops: Sequence[Drop], window: Window) -> list[Drop]:
        return [drop for drop in drops if may_hold(drop, window)]

    def fetch(self, drops: Sequence[Drop]) -> None:
        """They are here."""

    def allow(self, drop: Drop) -> None:
        if not self.session.remaining():
            raise Unanswered(
                f"{drop.path} and what follows was not read: the time is over, or it was cancelled"
            )
        if drop.size > self.session.left(self.source, self.limits.bytes):
            raise Unanswered(
                f"{drop.path} and what follows was not read: more than {self.limits.bytes:,} bytes",
                status=Status.TRUNCATED,
                hint="look at less time, narrow `files`, or raise limits.bytes",
            )

    def opened(self, drop: Drop) -> Opened:
        try:
            return Opened(DropBundle(self.path, drop=drop), drop.path)
        except AccessError as error:
            raise Unanswered(error.message, status=Status.DENIED, hint=error.hint) from None
        except SourceError as error:
            raise Unanswered(error.message, hint=error.hint) from None

    def taken(self, drop: Drop) -> int:
        self.session.spend(self.source, drop.size)
        return drop.size

    def close(self) -> None:
        """Nothing was brought here."""
