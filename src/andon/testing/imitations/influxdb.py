"""InfluxDB 1.x: `/ping` and `/query` on points in memory.

Imitated as version 1.6 was seen to behave: execution stops at the first statement that fails, which is then told as
`not executed` unless it came alone; the row limit cuts an answer off, marks it `partial`, and drops what follows.
Without writes, users, and what `andon.testing.imitations.influxql` leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from andon.testing.imitation import Asked, Imitation, Told, json_told
from andon.testing.imitations.influxql import Point, Refused, run

__all__ = ["InfluxDbImitation"]


class InfluxDbImitation(Imitation):
    """Holds one database; `max_rows` as its `max-row-limit`, 0 for none."""

    def __init__(
        self, points: Sequence[Point] = (), *, database: str = "shop", max_rows: int = 0, **options: Any
    ) -> None:
        super().__init__(**options)
        self.points = tuple(points)
        self.database = database
        self.max_rows = max_rows

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/ping":
            return Told(204, b"", {"x-influxdb-version": "1.6.7"})
        if asked.path != "/query":
            return json_told({"error": "404 page not found"}, 404)
        params = {**dict(asked.params), **(asked.form() if asked.method == "POST" else {})}
        if params.get("epoch") != "ms" or "q" not in params:
            return json_told({"error": 'missing required parameter "q"'}, 400)
        return json_told({"results": self._results(params["q"].split("; "), params.get("db", ""))})

    def _results(self, statements: Sequence[str], database: str) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = []
        for number, statement in enumerate(statements):
            try:
                if database != self.database:
                    raise Refused(f"database not found: {database}")
                tables = run(statement, self.points)
            except Refused as error:
                told = str(error) if len(statements) == 1 else "not executed"
                return [*results, {"statement_id": number, "error": told}]
            result: dict[str, Any] = {"statement_id": number}
            results.append(result | ({"series": tables} if tables else {}))
            if self.max_rows and any(len(table["values"]) > self.max_rows for table in tables):
                for table in tables:
                    table["values"] = table["values"][: self.max_rows]
                tables[-1]["partial"] = True
                return results
        return results
