"""What the connectors to AWS have in common: accounts and regions in turn, and how they are checked."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, TypeVar

from andon.connectors.aws.api import AwsApi
from andon.connectors.aws.config import AwsConfig, Place
from andon.connectors.connector import Check, CheckState, Connector, ConnectorConfig
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.wire.connector import clock_check, tried

__all__ = ["AwsConnector", "Probe"]

T = TypeVar("T")

Probe = tuple[str, Callable[[Place], str]]
"""What is tried in every account and region, in a word or two, and how: it tells what it found."""


class AwsConnector(Connector):
    """A connector whose requests each go to one account and one region."""

    Config: ClassVar[type[ConnectorConfig]] = AwsConfig
    config: AwsConfig
    actions: ClassVar[tuple[str, ...]]
    """The IAM actions that it calls in the accounts that it reads, exactly."""
    rates: ClassVar[dict[str, float | None]] = {}
    """Requests a second that a service allows in each account and region."""

    def __init__(self, name: str, config: Any, session: Session) -> None:
        super().__init__(name, config, session)
        self.api = AwsApi(session, name, config, self.rates)

    def probes(self) -> tuple[Probe, ...]:
        """What `check` tries in every account and region."""
        raise NotImplementedError

    def notes(self) -> tuple[Check, ...]:
        """What else `check` tells."""
        return ()

    def check(self) -> tuple[Check, ...]:
        scope = self.config.scope
        entered = self._together([partial(self._entered, account) for account in scope.accounts])
        open_ = {c.what.removeprefix("sign-in ") for c in entered if c.state is CheckState.OK}
        found = self._together(
            [
                partial(tried, f"{what} {place}", partial(ask, place))
                for place in scope.places()
                if place.account in open_
                for what, ask in self.probes()
            ]
        )
        clock = (clock_check(self.api.skew),) if open_ else ()
        return (*entered, *found, *self.notes(), *clock)

    def everywhere(self, reading: Reading, read: Callable[[Place, list[T]], None]) -> list[T]:
        """What `read` puts into its list for each account and region; one that fails keeps what it had."""

        def one(place: Place) -> list[T]:
            found: list[T] = []
            with reading.part(str(place)):
                read(place, found)
            return found

        lists = self._together([partial(one, place) for place in self.config.scope.places()])
        return [item for found in lists for item in found]

    def now(self) -> float:
        """Unix seconds by AWS' clock as far as it is known: it decides what is too old to be kept."""
        return time.time() + (self.api.skew or 0.0)

    def _entered(self, account: str) -> Check:
        region = self.config.scope.regions[0]
        return tried(f"sign-in {account}", lambda: f"as {self.api.identity(account, region).who}")

    def _together(self, tasks: list[Callable[[], T]]) -> list[T]:
        return self.session.together(tasks, self.config.limits.requests_at_once)
