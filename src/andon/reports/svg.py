"""Elements of SVG as text, escaped in one place.

The pictures carry classes and no colours: the style sheet of the page gives both light and dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape

from rich.cells import cell_len

from andon.reports.text_safety import line

__all__ = ["element", "figure", "fitted", "label", "px", "wrapped"]

Attribute = str | float | int | None


def px(value: float) -> str:
    """A coordinate with one decimal at most; what is not finite becomes 0."""
    return f"{value:.1f}".removesuffix(".0") if math.isfinite(value) else "0"


def element(tag: str, content: str = "", /, **attributes: Attribute) -> str:
    """One element with escaped attributes; `content` is SVG already. `_` in names becomes `-`, a last one goes."""
    pairs = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(px(value) if isinstance(value, float) else str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{pairs}>{content}</{tag}>" if content else f"<{tag}{pairs}/>"


def label(text: str, x: float, y: float, class_: str, anchor: str | None = None) -> str:
    """A text element; the text comes from outside and is made safe here."""
    return element("text", escape(line(text)), x=float(x), y=float(y), class_=class_, text_anchor=anchor)


def figure(parts: Iterable[str], width: float, height: float, class_: str, title: str, text: str) -> str:
    """A whole picture with its name and description for those who do not see it."""
    head = element("title", escape(line(title))) + element("desc", escape(line(text)))
    return element(
        "svg",
        head + "".join(parts),
        class_=class_,
        viewBox=f"0 0 {px(width)} {px(height)}",
        width=float(width),
        height=float(height),
        role="img",
        aria_label=line(f"{title}. {text}"),
    )


def fitted(text: str, cells: int) -> str:
    """One safe line of at most `cells` cells (wide characters take two), with an ellipsis where cut."""
    safe = line(text)
    if cell_len(safe) <= cells:
        return safe
    while safe and cell_len(safe) > cells - 1:
        safe = safe[:-1]
    return safe.rstrip() + "…"


def wrapped(text: str, cells: int, lines: int) -> list[str]:
    """The text on at most `lines` lines of `cells` cells, broken between words where it can be."""
    rows: list[str] = []
    rest = line(text)
    while rest and len(rows) < lines - 1 and cell_len(rest) > cells:
        head = rest
        while cell_len(head) > cells:
            head = head[: head.rstrip().rfind(" ")] if " " in head.strip() else head[:-1]
            head = head.rstrip()
        rows.append(head)
        rest = rest[len(head) :].strip()
    return [*rows, fitted(rest, cells)] if rest else rows
