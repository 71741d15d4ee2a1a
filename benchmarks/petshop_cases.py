"""Cases of PetShop (Hardt et al., The PetShop Dataset, CLeaR 2024), laid out as folders that andon reads.

The fault-free telemetry was recorded months after the faults. Each case gets it as its past: shifted in time so that
it ends one day before the first row of the fault's own file.
"""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from andon.telemetry import Window
from benchmarks.tables import Graph, Table

__all__ = ["LEVELS", "Case", "case", "issues", "read_graph", "read_table", "write_table"]

LEVELS = ("low_traffic", "high_traffic")
_DAY = 86_400.0


@dataclass(frozen=True)
class Case:
    """Telemetry with a symptom at `target`; `truth` is the node at fault, empty on a quiet day."""

    name: str
    table: Table
    graph: Graph
    graph_file: Path
    target: str
    metric: str
    baseline: Window
    incident: Window
    truth: str = ""

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        write_table(self.table, folder / "metrics.csv")
        shutil.copy(self.graph_file, folder / "graph.csv")


def issues(level: Path) -> list[Path]:
    return sorted(level.glob("train/issue_*"), key=lambda path: int(path.name.rpartition("_")[2]))


def case(issue: Path, quiet: Table, graph: Graph) -> Case:
    fault = read_table(issue / "metrics.csv")
    told = json.loads((issue / "target.json").read_text(encoding="utf-8"))
    past = quiet.shifted(fault.times[0] - _DAY - quiet.times[-1])
    level = issue.parents[1]
    return Case(
        f"{level.name}/{issue.name}",
        past.then(fault),
        graph,
        level / "graph.csv",
        told["target"]["node"],
        told["target"]["metric"],
        past.window(),
        Window(float(told["target"]["timestamp"]), fault.window().end),
        told["root_cause"]["node"],
    )


def read_table(path: Path) -> Table:
    with open(path, encoding="utf-8", newline="") as file:
        nodes, metrics, statistics, _, *rows = csv.reader(file)
    columns = tuple(zip(nodes[1:], metrics[1:], statistics[1:], strict=True))
    values = np.array([[float(cell or "nan") for cell in row[1:]] for row in rows])
    return Table(np.array([float(row[0]) for row in rows]), values, columns)


def write_table(table: Table, path: Path) -> None:
    header = zip(("microservice", "metric", "statistic"), zip(*table.columns, strict=True), strict=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([name, *cells] for name, cells in header)
        writer.writerow(["unix_timestamp", *[""] * len(table.columns)])
        for time, row in zip(table.times.tolist(), table.values.tolist(), strict=True):
            writer.writerow([time, *("" if value != value else repr(value) for value in row)])


def read_graph(path: Path) -> Graph:
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    names = header[1:]
    return {
        row[0]: tuple(name for name, cell in zip(names, row[1:], strict=True) if float(cell)) for row in rows
    }
