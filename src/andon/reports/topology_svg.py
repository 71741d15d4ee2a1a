"""The topology as a picture: what calls what, where it breaks, what is not drawn.

States differ by border, pattern and word as well as by colour. Of a large estate the way from the
cause to the symptom and what lies around it is drawn; the rest is counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise

from andon.investigation.report import MapEdge, MapNode
from andon.reports.layout import Box, Drawing, Size, arranged
from andon.reports.svg import element, figure, fitted, label, px, wrapped
from andon.reports.text_safety import line

__all__ = ["EDGE_WORDS", "NODE_WORDS", "shown_nodes", "topology_svg"]

MOST_NODES = 60
MARGIN = 16.0
NAME_CELLS = 21
PAGE_WIDTH = 1072.0
SIZE = Size()

NODE_WORDS = {
    "cause": "most likely cause",
    "symptom": "symptom",
    "affected": "affected",
    "ok": "nothing abnormal",
    "unseen": "not observed",
}
EDGE_WORDS = {
    "broken": "broken",
    "slow": "slow",
    "ok": "nothing abnormal",
    "declared-only": "declared, not seen",
    "observed-only": "seen, not declared",
}


def topology_svg(
    nodes: Sequence[MapNode], edges: Sequence[MapEdge], path: Sequence[str] = (), most: int = MOST_NODES
) -> str:
    """The picture of at most `most` elements; empty without nodes. `path` runs from the cause to the symptom."""
    kept = shown_nodes(nodes, edges, path, most)
    if not kept:
        return ""
    ids = [node.id for node in kept]
    drawing = _arranged(ids, [(edge.source, edge.destination) for edge in edges])
    hidden = _hidden_neighbours(ids, nodes, edges)
    by_pair = _worst(edges)
    lines = [_edge(edge, drawing) for pair, edge in by_pair.items() if pair in drawing.ways]
    boxes = [_node(node, drawing.boxes[node.id], hidden.get(node.id, 0)) for node in kept]
    loops = [_loop(drawing.boxes[edge.source], edge) for edge in by_pair.values() if _is_loop(edge, drawing)]
    body = element("g", "".join([*lines, *loops, *boxes]), transform=f"translate({px(MARGIN)} {px(MARGIN)})")
    return figure(
        [_definitions(), body],
        drawing.width + 2 * MARGIN,
        drawing.height + 2 * MARGIN,
        "topology",
        "Topology",
        _description(kept, len(nodes)),
    )


def _arranged(ids: Sequence[str], pairs: Sequence[tuple[str, str]]) -> Drawing:
    """From left to right where that fits the page, else from top to bottom if that is narrower."""
    across = arranged(ids, pairs, SIZE)
    if across.width + 2 * MARGIN <= PAGE_WIDTH:
        return across
    down = arranged(ids, pairs, SIZE, down=True)
    return down if down.width < across.width else across


def shown_nodes(
    nodes: Sequence[MapNode], edges: Iterable[MapEdge], path: Sequence[str] = (), most: int = MOST_NODES
) -> tuple[MapNode, ...]:
    """The elements to draw, in the order of the report: cause, path, symptom, affected, then by distance."""
    by_id = {node.id: node for node in nodes}
    if len(by_id) <= most:
        return tuple(by_id.values())
    gravity = {"cause": 0, "symptom": 2, "affected": 3}
    seeds = {node.id: gravity[node.state] for node in by_id.values() if node.state in gravity}
    seeds |= {one: min(1, seeds.get(one, 1)) for one in path if one in by_id}
    around = _around(edges)
    order = dict.fromkeys(sorted(seeds, key=seeds.__getitem__))
    queue = deque(order)
    while queue and len(order) < most:
        for other in around.get(queue.popleft(), ()):
            if other in by_id and other not in order:
                order[other] = None
                queue.append(other)
    chosen = set([*order, *(one for one in by_id if one not in order)][:most])
    return tuple(node for node in by_id.values() if node.id in chosen)


def _around(edges: Iterable[MapEdge]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for edge in edges:
        found.setdefault(edge.source, []).append(edge.destination)
        found.setdefault(edge.destination, []).append(edge.source)
    return found


def _hidden_neighbours(
    ids: Sequence[str], nodes: Sequence[MapNode], edges: Iterable[MapEdge]
) -> dict[str, int]:
    """How many neighbours of each drawn element are not drawn."""
    drawn = set(ids)
    hidden = {node.id for node in nodes} - drawn
    around = _around(edges) if hidden else {}
    return {one: len(hidden.intersection(around.get(one, ()))) for one in drawn}


def _worst(edges: Iterable[MapEdge]) -> Mapping[tuple[str, str], MapEdge]:
    """One edge for each pair: the one with the most to say."""
    gravity = {"broken": 0, "slow": 1, "observed-only": 2, "declared-only": 3}
    ordered = sorted(edges, key=lambda edge: -gravity.get(edge.state, 4))
    return {(edge.source, edge.destination): edge for edge in ordered}


def _node(node: MapNode, box: Box, hidden: int) -> str:
    state = node.state if node.state in NODE_WORDS else "ok"
    middle = box.x + SIZE.width / 2
    names = wrapped(node.name or node.id, NAME_CELLS, 2)
    word = fitted(node.technology or node.kind, NAME_CELLS + 4) if state == "ok" else NODE_WORDS[state]
    rows = [(name, "name") for name in names] + ([(word, "word")] if word else [])
    first = box.y + SIZE.height / 2 - 8.0 * (len(rows) - 1) + 4.5
    texts = "".join(
        label(text, middle, first + 16.0 * i, kind, "middle") for i, (text, kind) in enumerate(rows)
    )
    technology = f" · {node.technology}" if node.technology else ""
    tip = element("title", escape(line(f"{node.name} ({node.kind}{technology}): {NODE_WORDS[state]}")))
    return element("g", tip + _shape(state, box) + texts + _badge(box, hidden), class_=f"node {state}")


def _shape(state: str, box: Box) -> str:
    round_ = {"symptom": SIZE.height / 2, "cause": 4.0}.get(state, 8.0)
    sizes = {"width": SIZE.width, "height": SIZE.height, "rx": round_}
    shape = element("rect", x=box.x, y=box.y, class_="box", **sizes)
    if state in ("cause", "affected"):
        shape += element("rect", x=box.x, y=box.y, class_="hatch", **sizes)
    if state in ("cause", "symptom"):
        inner = {"width": SIZE.width - 8, "height": SIZE.height - 8, "rx": max(2.0, round_ - 4)}
        shape += element("rect", x=box.x + 4, y=box.y + 4, class_="inner", **inner)
    return shape


def _badge(box: Box, hidden: int) -> str:
    if not hidden:
        return ""
    tip = element("title", f"{hidden} more neighbours are not drawn")
    return element("g", tip + label(f"+{hidden}", box.x + SIZE.width - 4, box.y - 4, "badge", "end"))


def _edge(edge: MapEdge, drawing: Drawing) -> str:
    state = edge.state if edge.state in EDGE_WORDS else "ok"
    way = drawing.ways[edge.source, edge.destination]
    tip = element(
        "title", escape(line(f"{edge.source} → {edge.destination}: {EDGE_WORDS[state]} {edge.label}"))
    )
    drawn = element(
        "path", d=_curve(way, down=drawing.down), class_="line", marker_end=f"url(#arrow-{state})"
    )
    mark = ""
    if state in ("broken", "slow"):
        x, y = _middle(way)
        words = fitted(edge.label, 20) if edge.label else EDGE_WORDS[state]
        mark = label("✕" if state == "broken" else "◷", x, y + 5, "mark", "middle")
        mark += label(words, x, y - 11, "word", "middle")
    return element("g", tip + drawn + mark, class_=f"edge {state}")


def _curve(way: Sequence[tuple[float, float]], *, down: bool) -> str:
    """An S-curve between each two points: it leaves and arrives square to the layers."""
    parts = [f"M{px(way[0][0])} {px(way[0][1])}"]
    for (x1, y1), (x2, y2) in pairwise(way):
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        bends = (x1, y, x2, y) if down else (x, y1, x, y2)
        parts.append(f"C{' '.join(map(px, (*bends, x2, y2)))}")
    return "".join(parts)


def _middle(way: Sequence[tuple[float, float]]) -> tuple[float, float]:
    (x1, y1), (x2, y2) = way[0], way[1]
    return (x1 + x2) / 2, (y1 + y2) / 2


def _is_loop(edge: MapEdge, drawing: Drawing) -> bool:
    return edge.source == edge.destination and edge.source in drawing.boxes


def _loop(box: Box, edge: MapEdge) -> str:
    state = edge.state if edge.state in EDGE_WORDS else "ok"
    x = box.x + SIZE.width - 40
    way = f"M{px(x)} {px(box.y)}c0 -16 20 -16 20 -1"
    return element(
        "g", element("path", d=way, class_="line", marker_end=f"url(#arrow-{state})"), class_=f"edge {state}"
    )


def _definitions() -> str:
    hatch = element("path", d="M0 8L8 0M-2 2L2 -2M6 10L10 6", class_="hatching")
    pattern = element("pattern", hatch, id="hatch", width=8, height=8, patternUnits="userSpaceOnUse")
    return element("defs", pattern + "".join(map(_arrow, EDGE_WORDS)))


def _arrow(state: str) -> str:
    return element(
        "marker",
        element("path", d="M0 0L8 4L0 8Z"),
        id=f"arrow-{state}",
        class_=f"arrow {state}",
        orient="auto",
        markerUnits="userSpaceOnUse",
        viewBox="0 0 8 8",
        refX=8,
        refY=4,
        markerWidth=8,
        markerHeight=8,
    )


def _description(kept: Sequence[MapNode], total: int) -> str:
    parts = []
    for state, word in NODE_WORDS.items():
        if state != "ok" and (found := [node.name for node in kept if node.state == state]):
            parts.append(f"{word}: {', '.join(line(name, 60) for name in found[:8])}")
    folded = f"; {total - len(kept)} more elements are not drawn" if total > len(kept) else ""
    return f"{len(kept)} elements{folded}. {'; '.join(parts)}"
