"""Where the boxes and arrows of a directed graph go: in layers, with few crossings.

The method of Sugiyama, Tagawa and Toda (1981), in four steps: cycles are broken at the back edges of a
greedy order; a node's layer is the longest path to it; barycentre sweeps order each layer;
heights follow the neighbours, as near as the gaps allow. Pure geometry: nothing here knows what a
node means or how it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from andon.reports.layering import Chain, Layers, Stop, layered

__all__ = ["Box", "Drawing", "Size", "arranged"]

Point = tuple[float, float]

BEND_HEIGHT = 12.0


@dataclass(frozen=True, slots=True)
class Size:
    """The size of every box, and the gaps between layers and within a layer, in pixels."""

    width: float = 176.0
    height: float = 56.0
    layer_gap: float = 80.0
    gap: float = 24.0

    @property
    def turned(self) -> Size:
        return Size(self.height, self.width, self.layer_gap, self.gap)


@dataclass(frozen=True, slots=True)
class Box:
    """A node: the corner at the top left, in pixels."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes by node, and for each edge the points of its way from source to destination."""

    boxes: Mapping[str, Box]
    ways: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float
    down: bool = False


def arranged(
    nodes: Sequence[str], edges: Iterable[tuple[str, str]], size: Size | None = None, *, down: bool = False
) -> Drawing:
    """A layered drawing of the graph, from left to right, or from top to bottom with `down`; edges to unknown nodes and from a node to itself have no way.

    Deterministic in the order of nodes and edges.
    """
    size = size or Size()
    if down:
        return _turned(arranged(nodes, edges, size.turned))
    layers = layered(nodes, edges)
    centres = _centres(layers, size)
    top = min((centres[n] - _height(n, size) / 2 for row in layers.rows for n in row), default=0.0)
    step = size.width + size.layer_gap
    boxes = {
        node: Box(column * step, centres[node] - size.height / 2 - top)
        for column, row in enumerate(layers.rows)
        for node in row
        if isinstance(node, str)
    }
    points = {n: (c * step, centres[n] - top) for c, row in enumerate(layers.rows) for n in row}
    bottom = max((points[n][1] + _height(n, size) / 2 for n in points), default=0.0)
    width = max(0.0, len(layers.rows) * step - size.layer_gap)
    return Drawing(boxes, _ways(layers.chains, points, size), width, bottom)


def _turned(drawing: Drawing) -> Drawing:
    boxes = {node: Box(box.y, box.x) for node, box in drawing.boxes.items()}
    ways = {edge: tuple((y, x) for x, y in way) for edge, way in drawing.ways.items()}
    return Drawing(boxes, ways, drawing.height, drawing.width, down=True)


def _height(node: Stop, size: Size) -> float:
    return size.height if isinstance(node, str) else BEND_HEIGHT


def _centres(layers: Layers, size: Size) -> dict[Stop, float]:
    """The middle of every node and bend: drawn to its neighbours, kept apart in its layer."""
    centres: dict[Stop, float] = {}
    for row in layers.rows:
        gaps = _gaps(row, size)
        middle = gaps[-1] / 2 if gaps else 0.0
        centres |= {node: gap - middle for node, gap in zip(row, gaps, strict=True)}
    for round_ in range(layers.rounds):
        rows = layers.rows if round_ % 2 else layers.rows[::-1]
        for row in rows:
            wanted = [_mean([centres[n] for n in layers.neighbours[node]], centres[node]) for node in row]
            centres |= dict(zip(row, _apart(wanted, _gaps(row, size)), strict=True))
    return centres


def _gaps(row: Sequence[Stop], size: Size) -> list[float]:
    """The least distance of each node of a row from the first."""
    places = [0.0] if row else []
    for above, below in pairwise(row):
        gap = size.gap if isinstance(above, str) or isinstance(below, str) else BEND_HEIGHT / 2
        places.append(places[-1] + (_height(above, size) + _height(below, size)) / 2 + gap)
    return places


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _apart(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Places nearest to the wanted ones (least squares) in the same order and at least the gaps apart.

    Isotonic regression by pooling adjacent violators (Barlow et al. 1972) on `wanted - gaps`.
    """
    pools: list[tuple[float, int]] = []
    for want, gap in zip(wanted, gaps, strict=True):
        mean, count = want - gap, 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        pools.append((mean, count))
    levels = [mean for mean, count in pools for _ in range(count)]
    return [level + gap for level, gap in zip(levels, gaps, strict=True)]


def _ways(
    chains: Sequence[Chain], points: Mapping[Stop, Point], size: Size
) -> dict[tuple[str, str], tuple[Point, ...]]:
    """The way of each edge: out of a side of its source, through its bends, into its destination."""
    ports = _ports(chains, points, size)
    ways = {}
    for index, chain in enumerate(chains):
        x, y = points[chain.stops[0]]
        way = [(x + size.width, y + ports[index, 0])]
        for bend in chain.stops[1:-1]:
            x, y = points[bend]
            way += [(x, y), (x + size.width, y)]
        x, y = points[chain.stops[-1]]
        way.append((x, y + ports[index, 1]))
        ways[chain.edge] = tuple(reversed(way)) if chain.reversed else tuple(way)
    return ways


def _ports(chains: Sequence[Chain], points: Mapping[Stop, Point], size: Size) -> dict[tuple[int, int], float]:
    """How far from the middle of the side each end of a chain docks: spread in the order of where it leads."""
    docks: dict[tuple[Stop, int], list[tuple[float, int]]] = {}
    for index, chain in enumerate(chains):
        docks.setdefault((chain.stops[0], 0), []).append((points[chain.stops[1]][1], index))
        docks.setdefault((chain.stops[-1], 1), []).append((points[chain.stops[-2]][1], index))
    ports = {}
    for (_, side), ends in docks.items():
        space = min(12.0, (size.height - 16.0) / len(ends))
        for place, (_, index) in enumerate(sorted(ends)):
            ports[index, side] = (place - (len(ends) - 1) / 2) * space
    return ports
