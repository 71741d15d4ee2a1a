"""What was measured, kept as results.json and shown as RESULTS.md: a section for each benchmark with its conditions.

A run replaces the sections of the benchmarks it ran and keeps the others.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import ROOT, Benchmark, Exhibit, Figure, Options

__all__ = ["RESULTS", "Section", "read", "rendered", "update"]

RESULTS = ROOT / "benchmarks" / "results.json"
_LEVELS = 5
"""Levels of results.json that are broken over lines: below are single cases."""
_PREFACE = """# What was measured

Written by `python -m benchmarks`; do not edit by hand. Only what was run stands here. Intervals are Wilson 95 % intervals where nothing
else is said. The public cases were looked at while andon was written, so these are figures of development, not of unseen data; the
unseen part of `campaign` was not. Methods marked "ours" are plain implementations of a known idea, run beside andon on the same cases.
"""


@dataclass(frozen=True)
class Section:
    """The figures of one benchmark, and when, where and how they were measured."""

    name: str
    about: str
    command: str
    measured: str
    headings: tuple[str, ...]
    figures: tuple[Figure, ...]
    exhibits: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def now(cls, benchmark: Benchmark, found: Sequence[Figure | Exhibit], options: Options) -> Section:
        """The section of what was measured just now, on this machine."""
        arguments = benchmark.arguments.format(runs=options.runs, part=options.part)
        day = datetime.now(UTC).strftime("%Y-%m-%d")
        return cls(
            benchmark.name,
            benchmark.about,
            f"python -m benchmarks {benchmark.name} {arguments}".strip(),
            f"{day}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}",
            tuple(benchmark.headings),
            tuple(item for item in found if isinstance(item, Figure)),
            {item.name: item.content for item in found if isinstance(item, Exhibit)},
        )

    @property
    def text(self) -> str:
        """The section in Markdown."""
        rows = [self.headings, ("---",) * len(self.headings)]
        rows += [(f.what, f.value, str(f.n), f.interval, f.goal) for f in self.figures]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        head = f"## {self.name}\n\n{self.about} Command: `{self.command}`. Measured: {self.measured}."
        return f"{head}\n\n{table}\n"


def read(file: Path = RESULTS) -> dict[str, Section]:
    """The sections by name; none where nothing was measured yet."""
    if not file.is_file():
        return {}
    told = json.loads(file.read_text(encoding="utf-8"))
    sections = (Section(**section) for section in told["sections"])
    return {
        section.name: replace(
            section,
            headings=tuple(section.headings),
            figures=tuple(Figure(**figure) for figure in section.figures),
        )
        for section in sections
    }


def update(section: Section, order: Sequence[str], file: Path = RESULTS) -> None:
    """Puts the section into the file and into the Markdown beside it, in the given order of names."""
    sections = read(file) | {section.name: section}
    ordered = sorted(sections, key=lambda name: order.index(name) if name in order else len(order))
    kept = [sections[name] for name in ordered]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_json({"sections": [asdict(each) for each in kept]}) + "\n", encoding="utf-8")
    file.with_name(f"{file.stem.upper()}.md").write_text(rendered(kept), encoding="utf-8")


def rendered(sections: Sequence[Section]) -> str:
    """RESULTS.md."""
    return "\n".join([_PREFACE, *(section.text for section in sections)])


def _json(value: Any, depth: int = 0) -> str:
    """JSON with a line for each figure and each case, so that a difference between two runs can be read."""
    named = isinstance(value, dict)
    items = list(value.values()) if named else value if isinstance(value, (list, tuple)) else ()
    if depth >= _LEVELS or not any(isinstance(item, (dict, list, tuple)) for item in items):
        return json.dumps(_rounded(value), ensure_ascii=False)
    keys = [f"{json.dumps(key)}: " for key in value] if named else [""] * len(items)
    inner = [key + _json(item, depth + 1) for key, item in zip(keys, items, strict=True)]
    opening, closing = "{}" if named else "[]"
    return opening + "\n" + ",\n".join(inner) + "\n" + closing


def _rounded(value: Any) -> Any:
    """Four decimals: more than any measurement here can tell."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, (list, tuple)) else value
