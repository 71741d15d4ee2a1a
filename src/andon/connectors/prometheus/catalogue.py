"""Which metrics a Prometheus holds, what each of them is, and which are worth the most.

The type of a metric comes from the metadata that was scraped with it, else from the suffixes that the Prometheus
exposition format and OpenMetrics prescribe (`_total`; `_bucket`, `_count`, `_sum`). Some metrics are left out by
rule: they speak of the monitoring itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from andon.connectors.metric_names import SUFFIX_UNITS, rank, unit_of

__all__ = ["Family", "FamilyKind", "families", "left_out", "types_in", "worth"]


class FamilyKind(StrEnum):
    """How the series of a metric are to be read."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its name (without `_bucket`, `_count`, `_sum`, with `_total`), its kind and its UCUM unit."""

    name: str
    kind: FamilyKind
    unit: str = ""
    quantiles: bool = False
    """Whether a summary states quantiles under its own name."""

    @property
    def members(self) -> tuple[str, ...]:
        """The names under which its samples are stored."""
        if self.kind is FamilyKind.HISTOGRAM:
            return tuple(self.name + suffix for suffix in ("_bucket", "_count", "_sum"))
        if self.kind is FamilyKind.SUMMARY:
            own = (self.name,) if self.quantiles else ()
            return (*own, f"{self.name}_count", f"{self.name}_sum")
        return (self.name,)


_LEFT_OUT: Sequence[tuple[re.Pattern[str], str]] = (
    (
        re.compile(
            r"(scrape|prometheus|alertmanager|promhttp|net_conntrack|thanos|cortex|vm|vmagent|vmalert|vmauth|"
            r"loki|tempo|grafana|otelcol|node_scrape|pushgateway|push)_.*"
        ),
        "about the monitoring itself",
    ),
    (re.compile(r"ALERTS|ALERTS_FOR_STATE"), "alerts, read as such"),
    (re.compile(r"(go|python)_.*"), "inside of a language's runtime"),
    (re.compile(r"process_(?!cpu_|resident_memory|open_fds|max_fds|threads).*"), "inside of a process"),
    (re.compile(r".*_(created|info)"), "does not measure"),
)
_STATED_UNITS = {name[1:]: unit for name, unit in SUFFIX_UNITS.items()}


def families(names: Iterable[str], types: Mapping[str, tuple[str, str]]) -> tuple[Family, ...]:
    """The metrics behind the names of stored series, in their order; `types` is what `types_in` found."""
    there = dict.fromkeys(names)
    taken: set[str] = set()
    found = []
    for name in there:
        base = name.removesuffix("_bucket")
        if base != name and f"{base}_count" in there:
            found.append(Family(base, FamilyKind.HISTOGRAM, _unit(base, types)))
            taken.update(found[-1].members)
    for name in there:
        base = name.removesuffix("_sum")
        if base != name and name not in taken and f"{base}_count" in there:
            found.append(Family(base, FamilyKind.SUMMARY, _unit(base, types), base in there))
            taken.update(found[-1].members)
    found += [_single(name, types) for name in there if name not in taken]
    return tuple(found)


def _single(name: str, types: Mapping[str, tuple[str, str]]) -> Family:
    stated = types.get(name) or types.get(name.removesuffix("_total")) or ("", "")
    counts = stated[0] == "counter" or (stated[0] in ("", "unknown", "untyped") and name.endswith("_total"))
    return Family(name, FamilyKind.COUNTER if counts else FamilyKind.GAUGE, _unit(name, types))


def _unit(name: str, types: Mapping[str, tuple[str, str]]) -> str:
    family = name.removesuffix("_total")
    stated = (types.get(name) or types.get(family) or ("", ""))[1]
    return _STATED_UNITS.get(stated, "") or unit_of(family)


def types_in(metadata: Any) -> dict[str, tuple[str, str]]:
    """Type and unit of each metric, from `/api/v1/metadata`; what is malformed is as if it were not stated."""
    found = {}
    for name, entries in metadata.items() if isinstance(metadata, dict) else ():
        first = entries[0] if isinstance(entries, list) and entries else None
        if isinstance(first, dict):
            found[name] = (str(first.get("type", "")), str(first.get("unit", "")))
    return found


def left_out(name: str, include: Collection[str] = (), exclude: Collection[str] = ()) -> str:
    """Why a metric is not read; empty when it is. `include` overrides the rules, `exclude` everything."""
    if any(re.fullmatch(pattern, name) for pattern in exclude):
        return "excluded"
    if include:
        return "" if any(re.fullmatch(pattern, name) for pattern in include) else "not included"
    return next((reason for pattern, reason in _LEFT_OUT if pattern.fullmatch(name)), "")


def worth(family: Family) -> int:
    """A rank, 0 is best: errors, then latency, requests, availability, saturation, the rest, recorded rules."""
    if ":" in family.name:
        return 6
    return rank(family.name)
