"""What a source answered: a value, how far it can be trusted to be whole, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

__all__ = ["Fetch", "Problem", "Result", "Status"]

T = TypeVar("T")


class Status(StrEnum):
    """Six different things, never mixed."""

    OK = "ok"
    EMPTY = "empty"
    """The source was asked, answered, and has nothing."""
    PARTIAL = "partial"
    """Some of it could not be read; the problems say what and how much."""
    TRUNCATED = "truncated"
    """A limit cut it off: there is more."""
    DENIED = "denied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read: where (`metrics.csv:17`), what, how many times, what to do."""

    place: str
    message: str
    count: int = 1
    hint: str = ""

    def __str__(self) -> str:
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.place}: {self.message}{times}"


@dataclass(frozen=True, slots=True)
class Fetch:
    """What was asked of which system, and what came back.

    `source` is the configured name, `place` the part of it (account and region, cluster, tenant, index), `query`
    what was sent in the system's own language. `items` and `bytes` came back; `share` is the part of what
    the query matches that was asked for: 1 is all of it, less is an even sample.
    """

    source: str
    query: str
    place: str = ""
    items: int = 0
    bytes: int = 0
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """The value of a query with its status; `count` is how many items (points, records, spans) it holds.

    `fetches` are the requests that it was drawn from, empty for what was read from files.
    """

    value: T
    status: Status
    count: int
    problems: tuple[Problem, ...] = ()
    fetches: tuple[Fetch, ...] = ()

    @property
    def share(self) -> float:
        """The least share that any of its requests asked for: below 1 it is an even sample."""
        return min((fetch.share for fetch in self.fetches), default=1.0)

    @classmethod
    def of(cls, value: T, count: int, problems: tuple[Problem, ...] = ()) -> Result[T]:
        """The status that follows from the count and the problems: partial, empty or ok."""
        status = Status.PARTIAL if problems else Status.OK if count else Status.EMPTY
        return cls(value, status, count, problems)
