"""Pictures of figures as SVG files that stand alone and read on light and on dark ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from andon.evaluation import Bin, wilson
from andon.reports.svg import element, figure, label

__all__ = ["Bar", "bars_svg", "reliability_svg"]

_STYLE = """
svg { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
.ground { fill: #ffffff; } text { fill: #17202c; } .tick, .note { fill: #566273; font-size: 12px; }
.grid { stroke: #dce1e8; } .axis, .perfect { stroke: #8794a5; } .perfect { stroke-dasharray: 4 4; }
.ours { fill: #0a62ac; } .other { fill: #8794a5; } .range { stroke: #17202c; stroke-width: 1.5; }
.point { fill: #0a62ac; } .span { stroke: #0a62ac; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #161d27; } text { fill: #e5eaf1; } .tick, .note { fill: #9ba8b8; }
  .grid { stroke: #2a3441; } .axis, .perfect { stroke: #6f7d8e; }
  .ours, .point { fill: #6db5f7; } .other { fill: #6f7d8e; } .range { stroke: #e5eaf1; } .span { stroke: #6db5f7; }
}
"""
_TENTHS = [i / 5 for i in range(6)]


@dataclass(frozen=True, slots=True)
class Bar:
    """A share of n cases under a name; `ours` sets it off from the others, `hits` may be an expectation."""

    name: str
    hits: float
    n: int
    ours: bool = False


def bars_svg(bars: Sequence[Bar], title: str) -> str:
    """Shares as bars from 0 to 1, with their Wilson intervals where hits are counted."""
    left, right, top, row, width = 216.0, 128.0, 40.0, 28.0, 656.0
    height = top + row * len(bars) + 32
    parts = [label(title, 12, 22, "title"), _scale(left, width - right, top, height - 32)]
    for i, bar in enumerate(bars):
        y = top + row * i
        share = bar.hits / bar.n

        def x(value: float) -> float:
            return left + value * (width - right - left)

        parts.append(label(bar.name, left - 10, y + 18, "name", "end"))
        parts.append(
            element(
                "rect",
                x=left,
                y=y + 5,
                width=x(share) - left,
                height=row - 10,
                class_="ours" if bar.ours else "other",
            )
        )
        words = f"{share:.2f}"
        if float(bar.hits).is_integer():
            low, high = wilson(int(bar.hits), bar.n)
            middle = y + row / 2
            parts.append(element("line", x1=x(low), x2=x(high), y1=middle, y2=middle, class_="range"))
            words += f" ({bar.hits:.0f} of {bar.n})"
        parts.append(label(words, width - right + 10, y + 18, "note"))
    told = ", ".join(f"{bar.name} {bar.hits / bar.n:.2f}" for bar in bars)
    return _standing(figure(parts, width, height, "bars", title, told), width, height)


def reliability_svg(bins: Sequence[Bin], title: str) -> str:
    """What was promised against what was right, a point for each bin; on the dashed line both are the same."""
    left, top, size = 56.0, 64.0, 320.0
    width, height = left + size + 40, top + size + 48

    def x(value: float) -> float:
        return left + value * size

    def y(value: float) -> float:
        return top + (1 - value) * size

    parts = [label(title, 12, 22, "title")]
    for tick in _TENTHS:
        parts.append(element("line", x1=left, x2=left + size, y1=y(tick), y2=y(tick), class_="grid"))
        parts.append(label(f"{tick:.1f}", left - 8, y(tick) + 4, "tick", "end"))
        parts.append(label(f"{tick:.1f}", x(tick), top + size + 18, "tick", "middle"))
    parts.append(element("line", x1=x(0), y1=y(0), x2=x(1), y2=y(1), class_="perfect"))
    for row in bins:
        low, high = wilson(row.right, row.count)
        at = x(row.likelihood)
        parts.append(element("line", x1=at, x2=at, y1=y(low), y2=y(high), class_="span"))
        parts.append(element("circle", cx=at, cy=y(row.share), r=5, class_="point"))
        parts.append(label(str(row.count), at + 9, y(row.share) + 4, "note"))
    parts.append(label("likelihood of the first hypothesis", x(0.5), height - 10, "note", "middle"))
    parts.append(label("share right; how many cases stands beside each point", 12, 42, "note"))
    told = "; ".join(f"promised {row.likelihood:.2f}, right {row.right} of {row.count}" for row in bins)
    return _standing(figure(parts, width, height, "reliability", title, told), width, height)


def _scale(left: float, right: float, top: float, bottom: float) -> str:
    parts = []
    for tick in _TENTHS:
        x = left + tick * (right - left)
        parts.append(element("line", x1=x, x2=x, y1=top, y2=bottom, class_="grid"))
        parts.append(label(f"{tick:.1f}", x, bottom + 18, "tick", "middle"))
    return "".join(parts)


def _standing(svg: str, width: float, height: float) -> str:
    """A picture as a file of its own: with its name space, its style and its ground."""
    head, rest = svg.split(">", 1)
    head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    ground = element("rect", width=width, height=height, rx=8, class_="ground")
    return f"{head}>{element('style', _STYLE)}{ground}{rest}\n"
