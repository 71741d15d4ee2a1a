"""What must be known of a Prometheus before metrics are asked for: types, labels, sample interval, numbers.

Each fact that cannot be had is replaced by what is usual: a type by what the name says, a label by itself (an
aggregation by a label that is not there does no harm), a number by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np

from andon.connectors.prometheus.answers import points_of
from andon.connectors.prometheus.api import Flavour, PrometheusApi
from andon.connectors.prometheus.catalogue import types_in
from andon.connectors.prometheus.queries import counted_by_name, interval_of
from andon.connectors.prometheus.scope import selector
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Window

__all__ = ["Facts", "Inquiry"]

T = TypeVar("T")

_NICE = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)
_LONGEST = 300.0
"""Seconds between samples that can be told: a longer interval leaves too few of them to measure."""
_NAMES_AT_ONCE = 200
_MOMENTS = 5
"""Parts of the window at whose borders series are counted; between them one may live unseen."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`types` as of the catalogue, `labels` that exist (None: unknown), `interval` in seconds (0: unknown)."""

    types: Mapping[str, tuple[str, str]]
    labels: frozenset[str] | None
    interval: float
    flavour: Flavour

    def there(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Those of the labels that exist, each once."""
        return tuple(label for label in dict.fromkeys(labels) if self.labels is None or label in self.labels)


class Inquiry:
    """Asks for the facts of one window."""

    def __init__(
        self, api: PrometheusApi, session: Session, at_once: int, matchers: Sequence[str], window: Window
    ) -> None:
        self.api = api
        self.session = session
        self.at_once = at_once
        self.matchers = tuple(matchers)
        self.window = window

    def facts(self, names: Sequence[str], interval: float | None = None) -> Facts:
        """What is known of these metrics; `interval` is the sample interval when it need not be measured."""
        match = selector("", self.matchers)
        metadata = _or(None, lambda: self.api.stated("metadata").data)
        labels = _or(None, lambda: frozenset(self.api.labels(match, self.window).data))
        build = _or(None, self.api.build)
        return Facts(
            types_in(metadata),
            labels,
            interval or self._interval(names),
            build.flavour if build else Flavour.PROMETHEUS,
        )

    def holders(self, label: str) -> tuple[str, ...]:
        """The values of a label within the scope. Raises Unanswered."""
        return tuple(self.api.values(label, selector("", self.matchers), self.window).data)

    def counts(self, names: Sequence[str], labels: Sequence[str]) -> dict[str, int]:
        """How many series each metric has at most at one time when only these labels stay apart."""
        step = max(1.0, self.window.seconds / _MOMENTS)
        parts = [names[i : i + _NAMES_AT_ONCE] for i in range(0, len(names), _NAMES_AT_ONCE)]
        found: dict[str, int] = {}
        for result in self._together([partial(self._counted, part, labels, step) for part in parts]):
            for one in result:
                name = str(one["metric"].get("__name__", ""))
                _, numbers, _ = points_of(one.get("values") or ())
                found[name] = max(found.get(name, 0), int(np.max(numbers, initial=0)))
        return found

    def _counted(self, names: Sequence[str], labels: Sequence[str], step: float) -> list[dict[str, Any]]:
        query = counted_by_name(labels, self.matchers, names)
        result: list[dict[str, Any]] = self.api.over(query, self.window, step).data
        return result

    def _interval(self, names: Sequence[str]) -> float:
        """Seconds between two samples: of `up` where it is there, else the middle one of three metrics."""
        probes = ["up"] if "up" in names else list(names)[:: max(1, len(names) // 3)][:3]
        middle = (self.window.start + self.window.end) / 2
        queries = [interval_of(name, self.matchers) for name in probes]
        answers = self._together([partial(self._vector, query, middle) for query in queries])
        known = sorted(number for vector in answers for number in vector if 0 < number <= _LONGEST)
        return _nice(known[len(known) // 2]) if known else 0.0

    def _vector(self, query: str, time: float) -> list[float]:
        values = [one.get("value") for one in self.api.instant(query, time).data]
        return [float(number) for value in values for number in points_of([value])[1]]

    def _together(self, tasks: Sequence[Callable[[], list[T]]]) -> list[list[T]]:
        nothing: list[T] = []
        return self.session.together([partial(_or, nothing, task) for task in tasks], self.at_once)


def _or(default: T, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Unanswered:
        return default


def _nice(seconds: float) -> float:
    """The usual interval next to a measured one, which the edges of a range make a little longer or shorter."""
    nearest = min(_NICE, key=lambda nice: abs(math.log(nice / seconds)))
    return nearest if abs(nearest - seconds) <= 0.2 * nearest else float(max(1, round(seconds)))
