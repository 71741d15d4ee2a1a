"""How the reading of one signal goes: what was fetched, what is lacking, and the status that follows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from andon.connectors.unanswered import Unanswered
from andon.telemetry import Fetch, Problem, Result, Status

__all__ = ["Reading"]

T = TypeVar("T")

_WORST_FIRST = (Status.FAILED, Status.DENIED, Status.TRUNCATED, Status.PARTIAL)


class Reading:
    """Collects the fetches and the gaps of one answer; may be shared by threads.

    A reading has parts (a query, an account, an index). A part that fails does not take the others
    with it: the result is then `partial`, or `truncated` where limits are all that is lacking. Where no
    part succeeded, the result has the worst status of the parts.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._lock = threading.Lock()
        self._fetches: list[Fetch] = []
        self._problems: dict[tuple[str, str], Problem] = {}
        self._lacking: set[Status] = set()
        self._succeeded = False

    def fetched(
        self, query: str, *, place: str = "", items: int = 0, size: int = 0, share: float = 1.0
    ) -> None:
        """Notes one request that was answered: `items` and `size` (bytes) came back."""
        with self._lock:
            self._succeeded = True
            self._fetches.append(Fetch(self.source, query, place, items, size, share))

    def lacking(self, status: Status, message: str, *, place: str = "", hint: str = "") -> None:
        """Notes that something is not there: FAILED, DENIED, TRUNCATED, or PARTIAL for what the source itself admits."""
        where = f"{self.source} {place}".strip()
        with self._lock:
            self._lacking.add(status)
            before = self._problems.get((where, message))
            if before:
                hint = hint or before.hint
            self._problems[where, message] = Problem(where, message, before.count + 1 if before else 1, hint)

    @contextmanager
    def part(self, place: str = "") -> Iterator[None]:
        """One part: what fails in it is noted, and the next part goes on."""
        try:
            yield
        except Unanswered as gap:
            self.lacking(gap.status, gap.message, place=place, hint=gap.hint)

    def result(self, value: T, count: int) -> Result[T]:
        """The value with the status that follows from how it went."""
        with self._lock:
            problems, fetches = tuple(self._problems.values()), tuple(self._fetches)
            return Result(value, self._status(count), count, problems, fetches)

    def _status(self, count: int) -> Status:
        if not self._lacking:
            return Status.OK if count else Status.EMPTY
        if self._lacking == {Status.TRUNCATED}:
            return Status.TRUNCATED
        if count or self._succeeded:
            return Status.PARTIAL
        return next(status for status in _WORST_FIRST if status in self._lacking)
