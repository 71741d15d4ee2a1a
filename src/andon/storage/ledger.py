"""The ledger of one run: every answer of every tool, asked at most once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from andon.errors import AndonError
from andon.storage.observation import Observation, canonical, query_key
from andon.storage.store import Store
from andon.telemetry import Problem, Status, Window

__all__ = ["Ledger"]


class Ledger:
    """Observations by id and by query, written through to the store when there is one.

    `tape` are observations that were made before and are revealed only when their question is asked again, with
    all that was recorded before them: so a replay knows at each step what was known then, and no more. `known` are
    those that were there from the start.
    """

    def __init__(
        self,
        store: Store | None = None,
        run: str = "",
        tape: Sequence[Observation] = (),
        known: Sequence[Observation] = (),
    ) -> None:
        self._store = store
        self._run = run
        self._by_id: dict[str, Observation] = {}
        self._by_key: dict[str, Observation] = {}
        self._tape = {observation.key: number for number, observation in enumerate(tape)}
        self._recorded = tuple(tape)
        self._revealed = 0
        for observation in known:
            self._remember(observation)
        if store is not None and run:
            for observation in store.observations(run):
                self._remember(observation)

    def __iter__(self) -> Iterator[Observation]:
        return iter(self._by_id.values())

    @property
    def foreseen(self) -> tuple[Observation, ...]:
        """What the tape still holds: answers to questions that were not asked again yet."""
        return self._recorded[self._revealed :]

    def __len__(self) -> int:
        return len(self._by_id)

    def __getitem__(self, id_: str) -> Observation:
        try:
            return self._by_id[id_]
        except KeyError:
            raise AndonError(f"no observation {id_!r} in this run") from None

    def __contains__(self, id_: object) -> bool:
        return id_ in self._by_id

    def asked(self, tool: str, source: str, query: Mapping[str, Any]) -> Observation | None:
        """What was answered to this very query before, if it was asked."""
        key = query_key(tool, source, query)
        number = self._tape.get(key, -1)
        while self._revealed <= number:
            self._remember(self._recorded[self._revealed])
            self._revealed += 1
        return self._by_key.get(key)

    def record(
        self,
        tool: str,
        source: str,
        query: Mapping[str, Any],
        *,
        window: Window | None,
        status: Status,
        count: int,
        content: Any,
        problems: tuple[Problem, ...] = (),
        origins: tuple[str, ...] = (),
    ) -> Observation:
        """Writes down an answer and returns it as an observation with the tool's next number."""
        packed = canonical(content)
        observation = Observation(
            id=f"{tool}-{1 + sum(o.tool == tool for o in self._by_id.values())}",
            tool=tool,
            source=source,
            query=dict(query),
            window=window,
            status=status,
            count=count,
            content=orjson.loads(packed),
            sha256=hashlib.sha256(packed).hexdigest(),
            problems=problems,
            at=time.time(),
            origins=origins,
        )
        self._remember(observation)
        if self._store is not None:
            self._store.put(self._run, observation)
        return observation

    def _remember(self, observation: Observation) -> None:
        self._by_id[observation.id] = observation
        self._by_key[observation.key] = observation
