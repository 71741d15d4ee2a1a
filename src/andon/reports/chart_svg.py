"""A series as a line chart: axes with units, the incident window shaded, the onset marked, gaps left open."""

from __future__ import annotations

import math
from collections.abc import Sequence

from andon.investigation.report import Chart
from andon.reports.svg import element, figure, label, px
from andon.reports.words import at, number
from andon.telemetry import Window

__all__ = ["chart_svg", "ticks", "time_ticks"]

WIDTH, HEIGHT = 520.0, 208.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 12.0, 24.0, 28.0
MOST_POINTS = 400
LARGEST = 1e300

Points = list[tuple[float, float | None]]


def chart_svg(chart: Chart, incident: Window) -> str:
    """The picture of one series; what is not a finite number is a gap. Empty where there is no point at all."""
    points = _points(chart)
    seen = [value for _, value in points if value is not None]
    if not seen:
        return ""
    frame = _Frame.around(points, seen)
    parts = [
        _window(frame, incident),
        _axes(frame, chart.unit),
        _lines(frame, _thinned(points)),
        _onset(frame, chart.onset),
    ]
    text = f"{len(seen)} points from {number(min(seen))} to {number(max(seen))} {chart.unit}"
    if chart.onset is not None:
        text += f", onset {at(chart.onset)} UTC"
    return figure(parts, WIDTH, HEIGHT, "chart", chart.title, text)


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) that lie in [low, high], about `most` of them."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next((power * n for n in (1, 2, 5, 10) if span / (power * n) <= most), power * 10)
    first = math.ceil(low / step - 1e-9)
    return [(first + i) * step for i in range(math.floor(high / step + 1e-9) - first + 1)]


def time_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round clock times in [low, high], at most `most` of them."""
    steps = (1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
    span = high - low
    step = next((s for s in steps if span / s < most), 86400 * max(1, math.ceil(span / 86400 / most)))
    first = math.ceil(low / step)
    return [float((first + i) * step) for i in range(math.floor(high / step) - first + 1)][: most + 1]


class _Frame:
    """From times and values to pixels."""

    def __init__(self, times: tuple[float, float], values: tuple[float, float]) -> None:
        self.times = times
        self.values = values

    @classmethod
    def around(cls, points: Points, seen: Sequence[float]) -> _Frame:
        """The range of the data, with zero where it is near, and some air above."""
        low, high = min(seen), max(seen)
        if 0 < low < 0.5 * high:
            low = 0.0
        air = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
        start, end = points[0][0], points[-1][0]
        low = low if low == 0 else low - air
        return cls((start, end if end > start else start + 1.0), (low, high + air))

    def x(self, time: float) -> float:
        start, end = self.times
        return LEFT + (min(max(time, start), end) - start) / (end - start) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.values
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _points(chart: Chart) -> Points:
    pairs = [
        (time, max(-LARGEST, min(LARGEST, value)) if value is not None and math.isfinite(value) else None)
        for time, value in zip(chart.times, chart.values, strict=False)
        if math.isfinite(time)
    ]
    return sorted(pairs, key=lambda pair: pair[0])


def _thinned(points: Points) -> Points:
    """At most `MOST_POINTS` points: of each stretch the lowest and the highest, and its gap if it has one."""
    stretch = math.ceil(2 * len(points) / MOST_POINTS)
    if stretch <= 2:
        return points
    kept: Points = []
    for start in range(0, len(points), stretch):
        piece = points[start : start + stretch]
        seen = [(value, time) for time, value in piece if value is not None]
        ends = {(t, v) for v, t in (min(seen), max(seen))} if seen else set()
        gap = [point for point in piece if point[1] is None][:1]
        kept += sorted([*ends, *gap], key=lambda pair: pair[0])
    return kept


def _lines(frame: _Frame, points: Points) -> str:
    """One line for each stretch without gaps; a lonely point is a dot."""
    runs: list[list[str]] = [[]]
    for time, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{px(frame.x(time))} {px(frame.y(value))}")
    drawn = []
    for run in runs:
        if len(run) == 1:
            x, y = run[0].split()
            drawn.append(element("circle", cx=x, cy=y, r=2, class_="dot"))
        elif run:
            drawn.append(element("polyline", points=" ".join(run), class_="series"))
    return "".join(drawn)


def _window(frame: _Frame, incident: Window) -> str:
    start, end = frame.times
    if incident.end <= start or incident.start >= end:
        return ""
    left, right = frame.x(incident.start), frame.x(incident.end)
    shade = element(
        "rect", x=left, y=TOP, width=max(1.0, right - left), height=HEIGHT - TOP - BOTTOM, class_="incident"
    )
    return shade + label("incident", right, TOP - 8, "note", "end")


def _axes(frame: _Frame, unit: str) -> str:
    parts = [label(unit or "value", 4, 13, "unit")]
    for value in ticks(*frame.values):
        y = frame.y(value)
        parts.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
        parts.append(label(number(value), LEFT - 8, y + 4, "tick", "end"))
    for time in time_ticks(*frame.times):
        x = frame.x(time)
        parts.append(element("line", x1=x, x2=x, y1=HEIGHT - BOTTOM, y2=HEIGHT - BOTTOM + 4, class_="axis"))
        words = at(time)
        parts.append(label(words[:5] if words.endswith(":00") else words, x, HEIGHT - 8, "tick", "middle"))
    base = HEIGHT - BOTTOM
    parts.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=base, y2=base, class_="axis"))
    return "".join(parts)


def _onset(frame: _Frame, onset: float | None) -> str:
    if onset is None or not frame.times[0] <= onset <= frame.times[1]:
        return ""
    x = frame.x(onset)
    left = x > WIDTH / 2
    words = label(
        f"onset {at(onset)}", x + (-6 if left else 6), TOP - 8, "onset-word", "end" if left else None
    )
    return element("line", x1=x, x2=x, y1=TOP - 16, y2=HEIGHT - BOTTOM, class_="onset") + words
