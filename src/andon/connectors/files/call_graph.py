"""Call graphs in CSV and architecture models: who calls whom.

In an adjacency matrix a non-zero cell in row i and column j says that the row's component calls the
column's. In an edge list `source` calls `target`. Cycles and self-calls are kept as they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from andon.connectors.files.bundle import READ_ERRORS, LimitReached
from andon.connectors.files.columns import Collected
from andon.connectors.files.fields import number, pick
from andon.connectors.files.reader import FileReader
from andon.errors import AndonError
from andon.telemetry import Element, ElementKind, Relationship, Topology

__all__ = ["parse_architecture", "parse_edges", "parse_matrix"]

Edge = tuple[str, str, int | None]


def parse_edges(file: FileReader, into: Collected) -> None:
    """Rows of source and target, and a number of calls where there is a column for it."""
    rows = file.csv_rows()
    _, header = next(rows, (0, []))
    header = [cell.strip() for cell in header]
    names = {role: file.column(role) or pick(header, role) for role in ("source", "target", "count")}
    missing = [role for role in ("source", "target") if names[role] not in header]
    if missing:
        raise file.error(
            f"no column for {' and '.join(missing)}; the columns are {', '.join(header[:20])}",
            line=1,
            expected="source and target (and count)",
            hint="name the columns of the file in incident.yaml under `columns`",
        )
    at = {role: header.index(name) for role, name in names.items() if name in header}
    into.topologies.append(_topology(_edges(file, rows, at)))


def _edges(file: FileReader, rows: Iterator[tuple[int, list[str]]], at: dict[str, int]) -> Iterator[Edge]:
    for line, row in rows:
        cells = {role: row[i].strip() if i < len(row) else "" for role, i in at.items()}
        if not cells["source"] or not cells["target"]:
            file.problem("edge without a source and a target left out", line=line)
            continue
        count = number(cells.get("count"))
        yield cells["source"], cells["target"], int(count) if count == count else None


def parse_matrix(file: FileReader, into: Collected) -> None:
    """A square matrix with the same names in the first row and the first column; the row calls the column."""
    rows = file.csv_rows()
    _, header = next(rows, (0, []))
    names = [cell.strip() for cell in header[1:]]
    edges: list[Edge] = []
    callers: list[str] = []
    for line, row in rows:
        caller = row[0].strip()
        callers.append(caller)
        if len(row) != len(header):
            file.problem(f"row has {len(row)} cells where the header has {len(header)}", line=line)
        for callee, cell in zip(names, row[1:], strict=False):
            weight = number(cell) if cell.strip() else 0.0
            if weight != weight:
                file.problem("cell is not a number: read as no call", line=line)
            elif weight:
                edges.append((caller, callee, int(weight) if weight > 1 else None))
    if not names or not callers:
        raise file.error("no matrix", expected="names in the first row and the first column")
    if set(callers) != set(names):
        file.problem("the names of the rows and of the columns differ", count=len(set(callers) ^ set(names)))
    into.topologies.append(_topology(edges, (*names, *callers)))


def parse_architecture(file: FileReader, into: Collected) -> None:
    """A Structurizr workspace, DSL or JSON; includes must lie inside the bundle, URLs are not fetched."""
    from andon.connectors.structurizr import load_workspace

    dsl = file.path.lower().endswith(".dsl")
    try:
        if dsl:
            with file.bundle.real_folder(".dsl") as folder:
                workspace = load_workspace(folder / file.path, root=folder)
        else:
            with file.bundle.real_file(file.path) as path:
                workspace = load_workspace(path)
    except PermissionError:
        file.problems.denied.add(file.path)
        file.problem("may not be read: permission denied", hint="check the permissions of the file")
        return
    except LimitReached as error:
        file.problems.truncated = True
        raise file.error(error.message) from error
    except AndonError as error:
        message = error.message.rsplit(f"{file.path.rsplit('/', 1)[-1]}:", 1)[-1].strip()
        raise file.error(message, hint=error.hint) from error
    except READ_ERRORS as error:
        raise file.error(f"not readable ({str(error)[:200]})") from error
    for problem in workspace.problems:
        line = problem.place.rpartition(":")[2]
        file.problem(
            problem.message, line=int(line) if line.isdecimal() else 0, count=problem.count, hint=problem.hint
        )
    into.topologies.append(workspace.topology)


def _topology(edges: Iterable[Edge], names: Iterable[str] = ()) -> Topology:
    found: dict[tuple[str, str], int | None] = {}
    for source, target, calls in edges:
        earlier = found.get((source, target))
        found[source, target] = calls if earlier is None else earlier + (calls or 0)
    listed = dict.fromkeys((*names, *(name for pair in found for name in pair)))
    elements = tuple(Element(name, ElementKind.CONTAINER, name) for name in listed if name)
    return Topology(elements, tuple(Relationship(a, b, calls=calls) for (a, b), calls in found.items()))
