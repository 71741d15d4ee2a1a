"""RESULTS.md: a section for each benchmark with its table and the conditions it was measured under.

A run replaces the sections of the benchmarks it ran and keeps the others.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.figures import ROOT, Benchmark, Figure, Options

__all__ = ["RESULTS", "Section", "update"]

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
_PREFACE = """# What was measured

Written by `python -m benchmarks`; do not edit by hand. Only what was run stands here. Intervals are Wilson 95 % intervals. The public
cases were looked at while andon was written, so these are figures of development, not of unseen data. Methods marked "ours" are plain
implementations of a known idea, run beside andon on the same cases.
"""


@dataclass(frozen=True)
class Section:
    name: str
    text: str

    @classmethod
    def now(cls, benchmark: Benchmark, figures: Sequence[Figure], options: Options) -> Section:
        """The section of figures measured just now, on this machine."""
        arguments = benchmark.arguments.format(runs=options.runs)
        command = f"python -m benchmarks {benchmark.name} {arguments}".strip()
        day = datetime.now(UTC).strftime("%Y-%m-%d")
        conditions = f"{day}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
        rows = [benchmark.headings, ["---"] * len(benchmark.headings)]
        rows += [(f.what, f.value, str(f.n), f.interval, f.goal) for f in figures]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        head = f"## {benchmark.name}\n\n{benchmark.about} Command: `{command}`. Measured: {conditions}."
        return cls(benchmark.name, f"{head}\n\n{table}\n")


def update(section: Section, order: Sequence[str]) -> None:
    """Puts the section into RESULTS.md, in the given order of names."""
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else ""
    parts = re.split(r"^## ", old, flags=re.MULTILINE)[1:]
    kept = {part.split("\n", 1)[0].strip(): f"## {part.rstrip()}\n" for part in parts}
    kept[section.name] = section.text
    texts = [kept[name] for name in order if name in kept]
    RESULTS.write_text("\n".join([_PREFACE, *texts]), encoding="utf-8")
