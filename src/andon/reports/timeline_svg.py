"""Onsets and changes on one axis of time: a lane for each component, numbered marks, the suspect change as a line.

The numbers are those of the list that stands beside the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from andon.investigation.report import Moment
from andon.reports.chart_svg import time_ticks
from andon.reports.svg import element, figure, fitted, label
from andon.reports.text_safety import line
from andon.reports.words import at, in_order
from andon.telemetry import Window

__all__ = ["MOST_MOMENTS", "timeline_svg"]

WIDTH = 1040.0
LEFT, RIGHT, TOP, BOTTOM = 212.0, 24.0, 28.0, 28.0
MARK = 22.0
LANE_AIR = 10.0
MOST_MOMENTS = 60
MOST_LANES = 16

KINDS = ("change", "onset", "log", "symptom")


def timeline_svg(moments: Sequence[Moment], incident: Window, names: Mapping[str, str]) -> str:
    """The first `MOST_MOMENTS` moments, always with the suspect ones; empty without moments."""
    ordered = in_order(moments)
    numbered = list(enumerate(ordered, 1))
    suspects = [pair for pair in numbered if pair[1].suspect]
    shown = sorted(
        (suspects + [pair for pair in numbered if not pair[1].suspect])[:MOST_MOMENTS], key=lambda p: p[0]
    )
    if not shown:
        return ""
    axis = _Axis([moment.time for _, moment in shown])
    lanes = _lanes(shown, axis)
    height = TOP + sum(depth * MARK + LANE_AIR for _, _, depth in lanes) + BOTTOM
    parts = [_window(axis, incident, height), _ticks(axis, height)]
    parts += [_suspect(axis, moment, height) for _, moment in suspects]
    y = TOP
    for component, marks, depth in lanes:
        parts.append(_lane(names.get(component, component), marks, y, depth))
        y += depth * MARK + LANE_AIR
    text = f"{len(shown)} of {len(ordered)} moments from {at(axis.start)} to {at(axis.end)} UTC"
    return figure(parts, WIDTH, height, "timeline", "Timeline", text)


class _Axis:
    """From times to pixels, with some air at both ends."""

    def __init__(self, times: Sequence[float]) -> None:
        air = max(30.0, (max(times) - min(times)) * 0.04)
        self.start, self.end = min(times) - air, max(times) + air

    def x(self, time: float) -> float:
        share = (min(max(time, self.start), self.end) - self.start) / (self.end - self.start)
        return LEFT + share * (WIDTH - LEFT - RIGHT)


_Mark = tuple[int, Moment, float, int]
_LaneRow = tuple[str, list[_Mark], int]


def _lanes(shown: Sequence[tuple[int, Moment]], axis: _Axis) -> list[_LaneRow]:
    """Marks by component in the order of their first moment, stacked where they would overlap."""
    grouped: dict[str, list[tuple[int, Moment]]] = {}
    for number, moment in shown:
        crowded = len(grouped) >= MOST_LANES - 1 and moment.component not in grouped
        grouped.setdefault("other components" if crowded else moment.component, []).append((number, moment))
    lanes = []
    for component, members in grouped.items():
        ends: list[float] = []
        marks: list[_Mark] = []
        for number, moment in members:
            x = axis.x(moment.time)
            depth = next((i for i, end in enumerate(ends) if end <= x - MARK), len(ends))
            ends[depth : depth + 1] = [x]
            marks.append((number, moment, x, depth))
        lanes.append((component, marks, max(1, len(ends))))
    return lanes


def _lane(name: str, marks: Sequence[_Mark], top: float, depth: int) -> str:
    height = depth * MARK + LANE_AIR
    parts = [
        element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=top + height, y2=top + height, class_="grid"),
        label(fitted(name, 24) or "the whole system", LEFT - 12, top + height / 2 + 4, "lane", "end"),
    ]
    for number, moment, x, row in marks:
        parts.append(_mark(number, moment, x, top + LANE_AIR / 2 + MARK * (row + 0.5)))
    return "".join(parts)


def _mark(number: int, moment: Moment, x: float, y: float) -> str:
    """A change is a diamond, an onset a disc, a log a square, a symptom a ring."""
    kind = moment.kind if moment.kind in KINDS else "log"
    half = MARK / 2 - 2
    if kind == "change":
        shape = element(
            "path",
            d=f"M{x - half - 2:.1f} {y:.1f}l{half + 2} {-half - 2}l{half + 2} {half + 2}l{-half - 2} {half + 2}Z",
            class_="shape",
        )
    elif kind == "log":
        shape = element("rect", x=x - half, y=y - half, width=2 * half, height=2 * half, rx=3, class_="shape")
    else:
        shape = element("circle", cx=x, cy=y, r=half + 0.5, class_="shape")
    tip = element("title", escape(line(f"{number}. {at(moment.time)} {moment.kind}: {moment.text}")))
    classes = f"moment {kind} suspect" if moment.suspect else f"moment {kind}"
    return element("g", tip + shape + label(str(number), x, y + 4, "number", "middle"), class_=classes)


def _suspect(axis: _Axis, moment: Moment, height: float) -> str:
    x = axis.x(moment.time)
    near_end = x > WIDTH - 220
    words = label(
        f"suspect change {at(moment.time)}",
        x + (-8 if near_end else 8),
        14,
        "suspect-word",
        "end" if near_end else None,
    )
    return element("line", x1=x, x2=x, y1=4.0, y2=height - BOTTOM, class_="suspect-line") + words


def _window(axis: _Axis, incident: Window, height: float) -> str:
    if incident.end <= axis.start or incident.start >= axis.end:
        return ""
    left, right = axis.x(incident.start), axis.x(incident.end)
    shade = element(
        "rect", x=left, y=TOP, width=max(1.0, right - left), height=height - TOP - BOTTOM, class_="incident"
    )
    return shade + label("incident", right - 6, TOP - 6, "note", "end")


def _ticks(axis: _Axis, height: float) -> str:
    parts = []
    for time in time_ticks(axis.start, axis.end, 9):
        x = axis.x(time)
        words = at(time)
        parts.append(element("line", x1=x, x2=x, y1=TOP, y2=height - BOTTOM + 4, class_="grid"))
        parts.append(label(words[:5] if words.endswith(":00") else words, x, height - 8, "tick", "middle"))
    return "".join(parts)
