"""How much of the records is read: warnings and errors whole where that is possible, the rest as an even sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from andon.connectors.elasticsearch.fields import Fields
from andon.connectors.elasticsearch.queries import both, every, quiet
from andon.connectors.sampling import Sample, sample
from andon.telemetry import Window

__all__ = ["Stratum", "strata"]


@dataclass(frozen=True, slots=True)
class Stratum:
    """Records of one kind: the query for those that are read of it, and how many these are expected to be."""

    name: str
    query: Mapping[str, Any]
    sample: Sample
    expected: int


def strata(
    fields: Fields,
    window: Window,
    services: Sequence[str],
    *,
    loud: Mapping[str, Any] | None,
    there: tuple[int, int],
    wanted: int,
    slices: int,
) -> list[Stratum]:
    """The loud records get up to half of what is wanted, the others what is left.

    `there` is how many of each the window holds. Sampled records lie in many short windows, which are asked for in one query.
    """
    found = []
    room = wanted
    for name, number, most in (("loud", there[0], max(1, wanted // 2)), ("quiet", there[1], wanted)):
        most = min(number, most, room)
        if most < 1:
            continue
        part = sample(window, number, most, slices)
        whole = every(fields, part.windows, services)
        query = both(whole, loud) if name == "loud" and loud else quiet(whole, loud)
        found.append(Stratum(name, query, part, most))
        room -= most
    return found
