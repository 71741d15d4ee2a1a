"""Metrics in Parquet, long or wide, read through DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from andon.connectors.files.columns import Collected
from andon.connectors.files.fields import pick
from andon.connectors.files.reader import FileReader
from andon.connectors.files.series import make_series

__all__ = ["columns_of_parquet", "parse_parquet"]

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "2GB",
    "threads": 2,
}
NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN")  # fmt: skip


def columns_of_parquet(path: Path) -> dict[str, str]:
    """Column names to DuckDB types; duckdb.Error when the file is no Parquet file."""
    import duckdb

    with duckdb.connect(config=CONFIG) as db:
        rows = db.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def parse_parquet(file: FileReader, into: Collected) -> None:
    """A time column with either metric and value columns (long) or one numeric column a series (wide)."""
    import duckdb

    from andon.connectors.files.bundle import READ_ERRORS, LimitReached

    try:
        with file.bundle.real_file(file.path) as path:
            _read(file, path, into)
    except PermissionError:
        file.problems.denied.add(file.path)
        file.problem("may not be read: permission denied", hint="check the permissions of the file")
    except LimitReached as error:
        file.problems.truncated = True
        raise file.error(error.message) from error
    except duckdb.Error as error:
        raise file.error(f"not readable as Parquet ({str(error).splitlines()[0][:200]})") from error
    except READ_ERRORS as error:
        raise file.error(f"not readable ({str(error)[:200]})") from error


def _read(file: FileReader, path: Path, into: Collected) -> None:
    import duckdb

    types = columns_of_parquet(path)
    roles = {
        role: file.column(role) or pick(types, role)
        for role in ("time", "service", "metric", "value", "unit")
    }
    time = roles["time"] or next((name for name, kind in types.items() if kind.startswith("TIMESTAMP")), "")
    absent = [name for name in file.columns.values() if isinstance(name, str) and name not in types]
    if time not in types or absent:
        raise file.error(
            f"no column {', '.join(absent) or 'for time'}; the columns are {', '.join(list(types)[:20])}",
            expected="a time column, and metric and value columns or one column a series",
            hint="name the columns of the file in incident.yaml under `columns`",
        )
    long = roles["metric"] in types and roles["value"] in types
    values = (
        [roles["value"]]
        if long
        else [n for n, kind in types.items() if n != time and kind.startswith(NUMERIC)]
    )
    keys = [name for name in types if name != time and name not in values]
    with duckdb.connect(config=CONFIG) as db:
        listed = [
            _time_sql(time, types[time]),
            *(f"CAST({_quoted(k)} AS VARCHAR)" for k in keys),
            *(f"CAST({_quoted(v)} AS DOUBLE)" for v in values),
        ]
        aliased = ", ".join(f"{sql} AS c{i}" for i, sql in enumerate(listed))
        fetched = db.execute(f"SELECT {aliased} FROM read_parquet(?)", [str(path)]).fetchnumpy()  # noqa: S608
    columns = [_plain(fetched[f"c{i}"]) for i in range(len(listed))]
    times = _seconds(file, columns[0], types[time])
    key_columns, value_columns = columns[1 : 1 + len(keys)], columns[1 + len(keys) :]
    for labels, rows in _groups(keys, key_columns, len(times)):
        readable = rows[~np.isnan(times[rows])]
        if len(readable) < len(rows):
            file.problem("unreadable time: row left out", count=len(rows) - len(readable))
        service = labels.pop(roles["service"], "")
        unit = labels.pop(roles["unit"], "")
        metric = labels.pop(roles["metric"], "") if long else ""
        for name, column in zip(values, value_columns, strict=True):
            numbers = column[readable].astype(np.float64)
            into.metrics.append(
                make_series(
                    file, metric if long else name, service, times[readable], numbers, unit, dict(labels)
                )
            )


def _time_sql(name: str, kind: str) -> str:
    if kind.startswith("TIMESTAMP"):
        return f"epoch_us({_quoted(name)})"
    if kind == "DATE":
        return f"epoch_us(CAST({_quoted(name)} AS TIMESTAMP))"
    return f"CAST({_quoted(name)} AS VARCHAR)"


def _seconds(file: FileReader, column: NDArray[Any], kind: str) -> NDArray[np.float64]:
    if not kind.startswith(("TIMESTAMP", "DATE")):
        return file.times.column(["" if text is None else str(text) for text in column.tolist()])
    seconds = column.astype(np.float64) / 1e6
    if kind == "TIMESTAMP WITH TIME ZONE":
        return seconds
    from datetime import UTC, datetime

    if not file.times.stated or str(file.times.zone) == "UTC":
        file.times.naive += len(seconds)
        return seconds
    local = [
        datetime.fromtimestamp(s, UTC).replace(tzinfo=None).isoformat() if s == s else ""
        for s in seconds.tolist()
    ]
    return file.times.column(local)


def _groups(
    keys: Sequence[str], columns: Sequence[NDArray[Any]], count: int
) -> list[tuple[dict[str, str], NDArray[np.intp]]]:
    """Rows of each combination of key cells, in order of appearance."""
    if not keys:
        return [({}, np.arange(count))]
    found: dict[tuple[object, ...], list[int]] = {}
    for i, cells in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        found.setdefault(cells, []).append(i)
    return [
        ({key: str(cell) for key, cell in zip(keys, cells, strict=True) if cell is not None}, np.array(rows))
        for cells, rows in found.items()
    ]


def _plain(column: Any) -> NDArray[Any]:
    """A fetched column without its mask: nulls as None, or NaN among numbers."""
    if not isinstance(column, np.ma.MaskedArray):
        return np.asarray(column)
    if column.dtype == object:
        plain = np.array(column.data, dtype=object)
        plain[np.ma.getmaskarray(column)] = None
        return plain
    numbers: np.ma.MaskedArray[Any, Any] = np.ma.masked_array(column, dtype=np.float64)
    return np.asarray(numbers.filled(np.nan))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
