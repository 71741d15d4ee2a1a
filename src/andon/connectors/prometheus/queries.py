"""The PromQL that is sent: increases, means, quantiles and levels, summed up by the server.

Counts come as the increase per step. Prometheus extrapolates what it sees within a range to the whole range, and a
range of one step would lose what happens between its last sample and the next range's first. So `rate` is
taken over a step and one scrape interval: such a range sees the samples that span exactly one step, neighbouring
ranges share one sample, and the rate times the step is the exact increase. VictoriaMetrics looks at the
sample before the range by itself, there `increase` over one step is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from andon.connectors.metric_names import SUFFIX_UNITS, plain_name, telling
from andon.connectors.prometheus.api import Flavour
from andon.connectors.prometheus.catalogue import Family, FamilyKind
from andon.connectors.prometheus.ownership import Ownership
from andon.connectors.prometheus.scope import any_of, selector

__all__ = ["MARK", "Ask", "Grid", "asks_of", "batch", "counted_by_name", "interval_of"]

MARK = "andon_ask"
"""The label by which the answers of a batch are told apart."""
P99 = "0.99"
_PROBED = 600
"""Seconds of samples from which their interval is told."""
_LATENCY_ENDINGS = ("_duration", "_latency", "_time", "_elapsed")


@dataclass(frozen=True, slots=True)
class Grid:
    """The step of the points and the interval at which samples were taken, in seconds, and how ranges are cut."""

    step: float
    interval: float
    flavour: Flavour = Flavour.PROMETHEUS

    def increase(self, series: str) -> str:
        """The increase of counters within each step."""
        if self.flavour is Flavour.VICTORIAMETRICS:
            return f"increase({series}[{_span(self.step)}])"
        return f"rate({series}[{_span(self.step + self.interval - 0.001)}]) * {self.step:g}"

    def level(self, series: str, how: str) -> str:
        """The level of gauges at each step: their last sample, or the average or maximum of several."""
        if self.step < 2 * self.interval:
            return series
        return f"{how}_over_time({series}[{_span(self.step)}])"


@dataclass(frozen=True, slots=True)
class Ask:
    """One series or more that are wanted of a metric.

    `name` and `unit` are those of the series that come of it, `stated` are labels that these get. `adds_up`: parts
    of a series may be summed; `counts`: its values are whole numbers, but for rounding.
    """

    expression: str
    name: str
    unit: str
    owner: Ownership
    labels: tuple[str, ...]
    stated: tuple[tuple[str, str], ...] = ()
    adds_up: bool = False
    counts: bool = False
    series: int = 1
    """How many series are expected."""


def asks_of(
    family: Family,
    owner: Ownership,
    labels: tuple[str, ...],
    grid: Grid,
    matchers: Sequence[tuple[str, ...]],
    series: int = 1,
) -> tuple[Ask, ...]:
    """What is asked of a metric; `labels` stay apart, `matchers` are alternatives, one of which must hold."""
    texts = _Texts(grid, labels, matchers)
    ask = Ask("", family.name, family.unit, owner, labels, series=series)
    if family.kind is FamilyKind.COUNTER:
        name = plain_name(family.name)
        return (
            replace(ask, expression=texts.gained(family.name), name=name, adds_up=True, counts=not ask.unit),
        )
    if family.kind is FamilyKind.GAUGE:
        return (replace(ask, expression=texts.level(family.name, telling(family.name))),)
    count, total = texts.gained(f"{family.name}_count"), texts.gained(f"{family.name}_sum")
    found = [
        replace(ask, expression=count, name=_calls(family.name), unit="", adds_up=True, counts=True),
        replace(ask, expression=f"{total} / {count}", name=f"{family.name}.mean"),
    ]
    if family.kind is FamilyKind.HISTOGRAM:
        buckets = texts.gained(f"{family.name}_bucket", "le")
        found.append(
            replace(ask, expression=f"histogram_quantile({P99}, {buckets})", stated=(("quantile", P99),))
        )
    elif family.quantiles:
        found.append(replace(ask, expression=texts.level(family.name, "max")))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Texts:
    """How the series of one metric are cut, chosen and summed up."""

    grid: Grid
    labels: tuple[str, ...]
    matchers: Sequence[tuple[str, ...]]

    def gained(self, name: str, *also: str) -> str:
        return f"sum{self._by(*also)} ({self._either(name, self.grid.increase)})"

    def level(self, name: str, how: str) -> str:
        return f"{how}{self._by()} ({self._either(name, lambda series: self.grid.level(series, how))})"

    def _by(self, *also: str) -> str:
        labels = (*self.labels, *also)
        return f" by ({', '.join(labels)})" if labels else ""

    def _either(self, name: str, cut: Callable[[str], str]) -> str:
        """The series that one of the alternatives lets in, each once: `or` drops what its left side has."""
        return " or ".join(cut(selector(name, one)) for one in self.matchers or ((),))


def batch(asks: Sequence[Ask]) -> str:
    """One query for several asks; the label `MARK` of each answer is the number of its ask."""
    return " or ".join(
        f'label_replace({ask.expression}, "{MARK}", "{number}", "", "")' for number, ask in enumerate(asks)
    )


def counted_by_name(labels: Sequence[str], matchers: Sequence[str], names: Sequence[str]) -> str:
    """How many series each of these metrics has when only these labels stay apart."""
    series = "{" + ",".join((any_of("__name__", names), *matchers)) + "}"
    return f"count by (__name__) (count by ({', '.join(('__name__', *labels))}) ({series}))"


def interval_of(name: str, matchers: Sequence[str]) -> str:
    """The seconds between two samples of a metric, of nearly all of its series."""
    return f"quantile(0.9, {_PROBED} / count_over_time({selector(name, matchers)}[{_PROBED}s]))"


def _calls(family: str) -> str:
    """The name of how often something was measured: a count of calls, whatever was measured of each."""
    unit = next((suffix for suffix in SUFFIX_UNITS if family.endswith(suffix)), "")
    base = family.removesuffix(unit)
    ending = next((end for end in _LATENCY_ENDINGS if base.endswith(end) and len(base) > len(end)), "")
    return f"{base.removesuffix(ending) or family}.calls"


def _span(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"
