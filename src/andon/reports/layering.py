"""The layers of a directed graph, and the order within each: the first half of `layout`.

An edge that spans several layers becomes a chain through bends, one for each layer between.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Bend", "Chain", "Layers", "Stop", "layered"]

SWEEPS = 8
WORK = 50_000
"""Stops times rounds that a picture is worth; beyond it fewer rounds are made, at least two."""


@dataclass(frozen=True, slots=True)
class Bend:
    """A point where a chain crosses a layer: which edge, and its how manyth bend."""

    edge: int
    place: int


Stop = str | Bend


@dataclass(frozen=True, slots=True)
class Chain:
    """An edge with its stops from left to right; `reversed` where the edge runs from right to left."""

    edge: tuple[str, str]
    stops: tuple[Stop, ...]
    reversed: bool


@dataclass(frozen=True, slots=True)
class Layers:
    """Nodes and bends by layer from left to right, in order from top to bottom."""

    rows: tuple[tuple[Stop, ...], ...]
    chains: tuple[Chain, ...]
    neighbours: Mapping[Stop, tuple[Stop, ...]]

    @property
    def rounds(self) -> int:
        """How many rounds of improvement the size of the graph allows."""
        return _rounds(self.rows)


def layered(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> Layers:
    """The graph in layers; each edge once, without those to unknown nodes or to the node itself."""
    known = dict.fromkeys(nodes)
    kept = [e for e in dict.fromkeys(edges) if e[0] in known and e[1] in known and e[0] != e[1]]
    back = _back_edges(known, kept)
    forward = dict.fromkeys((b, a) if (a, b) in back else (a, b) for a, b in kept)
    layer = _longest_paths(known, list(forward))
    chains = tuple(_chain(i, edge, edge in back, layer) for i, edge in enumerate(kept))
    before, after = _adjacent(chains)
    rows: list[list[Stop]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node in known:
        rows[layer[node]].append(node)
    for chain in chains:
        first = layer[str(chain.stops[0])]
        for place, stop in enumerate(chain.stops[1:-1], 1):
            rows[first + place].append(stop)
    ordered = _fewest_crossings(rows, before, after)
    around = {stop: (*before.get(stop, ()), *after.get(stop, ())) for row in rows for stop in row}
    return Layers(tuple(map(tuple, ordered)), chains, around)


def _back_edges(nodes: Iterable[str], edges: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Few edges whose reversal leaves no cycle, after the greedy order of Eades, Lin and Smyth (1993).

    Again and again what calls nobody goes to the end and what nobody calls to the front. Where neither
    is left, the node nearest to an original source goes to the front, so that callers stay left of what
    they call; among equals the one with the most outgoing over incoming edges.
    """
    callees, callers = _grouped(edges), _grouped((b, a) for a, b in edges)
    left = dict.fromkeys(nodes)
    outgoing = {node: len(callees.get(node, ())) for node in left}
    incoming = {node: len(callers.get(node, ())) for node in left}
    distance = _distances([node for node in left if not incoming[node]], callees)
    front: list[str] = []
    end: list[str] = []
    while left:
        sinks = [node for node in left if not outgoing[node]]
        sources = [node for node in left if outgoing[node] and not incoming[node]]
        taken = sinks or sources
        if not taken:
            taken = [min(left, key=lambda node: (distance.get(node, 0), incoming[node] - outgoing[node]))]
        for node in taken:
            del left[node]
            for other in callees.get(node, ()):
                incoming[other] -= 1
            for other in callers.get(node, ()):
                outgoing[other] -= 1
        (end if sinks else front).extend(reversed(taken) if sinks else taken)
    place = {node: i for i, node in enumerate(front + end[::-1])}
    return {(a, b) for a, b in edges if place[a] > place[b]}


def _distances(start: Sequence[str], callees: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Hops from the nearest start."""
    found, frontier = dict.fromkeys(start, 0), list(start)
    for node in frontier:
        for other in callees.get(node, ()):
            if other not in found:
                found[other] = found[node] + 1
                frontier.append(other)
    return found


def _longest_paths(nodes: Iterable[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The layer of each node of an acyclic graph: edges of the longest path to it.

    Nodes that nobody calls move right, next to what they call first.
    """
    following, waiting = _grouped(edges), dict.fromkeys(nodes, 0)
    for _, b in edges:
        waiting[b] += 1
    sources = [node for node, count in waiting.items() if not count]
    layer, ready = dict.fromkeys(waiting, 0), list(sources)
    while ready:
        node = ready.pop()
        for other in following.get(node, ()):
            layer[other] = max(layer[other], layer[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    for node in sources:
        if node in following:
            layer[node] = min(layer[other] for other in following[node]) - 1
    return layer


def _chain(index: int, edge: tuple[str, str], back: bool, layer: Mapping[str, int]) -> Chain:
    left, right = (edge[1], edge[0]) if back else edge
    bends = (Bend(index, place) for place in range(1, layer[right] - layer[left]))
    return Chain(edge, (left, *bends, right), back)


def _adjacent(chains: Iterable[Chain]) -> tuple[dict[Stop, list[Stop]], dict[Stop, list[Stop]]]:
    """Neighbours in the layer before and in the layer after."""
    before: dict[Stop, list[Stop]] = {}
    after: dict[Stop, list[Stop]] = {}
    for chain in chains:
        for a, b in pairwise(chain.stops):
            after.setdefault(a, []).append(b)
            before.setdefault(b, []).append(a)
    return before, after


def _fewest_crossings(
    rows: list[list[Stop]], before: Mapping[Stop, list[Stop]], after: Mapping[Stop, list[Stop]]
) -> list[list[Stop]]:
    """The best order that barycentre sweeps to the right and back come upon."""
    best, fewest = [list(row) for row in rows], _crossings(rows, after)
    for sweep in range(_rounds(rows)):
        if not fewest:
            break
        side = after if sweep % 2 else before
        for row, fixed in _sweep(rows, to_the_left=bool(sweep % 2)):
            place = {stop: i for i, stop in enumerate(fixed)}
            own = {stop: float(i) for i, stop in enumerate(row)}
            for stop in row:
                if others := side.get(stop):
                    own[stop] = sum(place[other] for other in others) / len(others)
            row.sort(key=own.__getitem__)
        if (crossings := _crossings(rows, after)) < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _rounds(rows: Sequence[Sequence[Stop]]) -> int:
    return max(2, min(SWEEPS, WORK // max(1, sum(map(len, rows)))))


def _sweep(rows: list[list[Stop]], *, to_the_left: bool) -> Iterator[tuple[list[Stop], list[Stop]]]:
    """Each row to sort with the row beside it that stays as it is."""
    line = rows[::-1] if to_the_left else rows
    yield from zip(line[1:], line, strict=False)


def _crossings(rows: Sequence[Sequence[Stop]], after: Mapping[Stop, list[Stop]]) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    total = 0
    for left, right in pairwise(rows):
        place = {stop: i for i, stop in enumerate(right)}
        seen: list[int] = []
        for stop in left:
            ends = sorted(place[other] for other in after.get(stop, ()))
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _grouped(edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for a, b in edges:
        found.setdefault(a, []).append(b)
    return found
