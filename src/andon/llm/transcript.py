"""The transcript: every exchange with a model as it was sent and received, kept, and played again.

What is kept is what left the process: secrets and personal data are hidden in it already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from pydantic import TypeAdapter

__all__ = ["Exchange", "Transcript", "digest"]

_SAID = ("kind", "instructions", "parts")
_UNSTABLE = frozenset(["timestamp", "provider_name", "provider_details"])


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to a model and what came of it.

    `lane` tells parallel conversations of a run apart, `number` counts from 1 in each. `sha256` is of all that was
    sent; `messages` are those that the exchange before had not sent, `tools` the names on offer. `response` is None
    where there was none: then `error` says why, and `kind` is `spent` or `failed`.
    """

    lane: str
    number: int
    sha256: str
    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[str]
    response: Mapping[str, Any] | None
    kind: str = "answered"
    error: str = ""
    hint: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float | None = None
    seconds: float = 0.0

    def packed(self) -> dict[str, Any]:
        """The exchange as plain JSON values."""
        return asdict(self)


def digest(messages: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of what messages say, without when and by which client it was said."""
    said = [{key: _stable(message.get(key)) for key in _SAID} for message in messages]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stable(inner) for key, inner in value.items() if key not in _UNSTABLE}
    if isinstance(value, list | tuple):
        return [_stable(inner) for inner in value]
    return value


@dataclass
class Transcript:
    """Exchanges in the order in which they ended; `keep` is told each of them at once."""

    keep: Callable[[Mapping[str, Any]], None] = lambda _: None
    exchanges: list[Exchange] = field(default_factory=list)
    _sent: dict[str, int] = field(default_factory=dict)

    def add(self, exchange: Exchange, sent: int) -> None:
        """Adds an exchange; `sent` is how many messages its request held in all."""
        self.exchanges.append(exchange)
        self._sent[exchange.lane] = sent
        self.keep(exchange.packed())

    def already_sent(self, lane: str) -> int:
        """How many messages the last request of a lane held."""
        return self._sent.get(lane, 0)

    def failure(self, lane: str) -> str:
        """Why the last exchange of a lane came to nothing, empty where it was answered or there was none."""
        last = next((one for one in reversed(self.exchanges) if one.lane == lane), None)
        return last.error if last is not None and last.response is None else ""

    def next_number(self, lane: str) -> int:
        return 1 + sum(one.lane == lane for one in self.exchanges)

    @property
    def seconds(self) -> float:
        """Seconds that all requests took together."""
        return sum(one.seconds for one in self.exchanges)

    @staticmethod
    def unpacked(entries: Iterable[Mapping[str, Any]]) -> tuple[Exchange, ...]:
        """The exchanges that `keep` was told. Raises ValueError for what is none."""
        return tuple(_ADAPTER.validate_python(dict(entry)) for entry in entries)


_ADAPTER = TypeAdapter(Exchange)
