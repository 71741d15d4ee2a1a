"""InfluxDB's `/query`: statements in one request, tables in the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Wire
from andon.telemetry import Status

__all__ = ["InfluxDbApi", "Outcome", "Table"]

_LONG = 1_500
"""Characters from which on a query is posted."""
_TOLD = frozenset([400, 404])
_NOT_EXECUTED = "not executed"


@dataclass(frozen=True, slots=True)
class Table:
    """One series of an answer: measurement, tags of the group, names of columns, rows."""

    name: str
    tags: Mapping[str, str]
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one statement brought: its tables, or why it failed; `cut` when the server's row limit cut it off."""

    tables: tuple[Table, ...] = ()
    error: str = ""
    cut: bool = False
    malformed: int = 0


class InfluxDbApi:
    """Questions to one database. Every method raises Unanswered."""

    def __init__(self, wire: Wire, database: str, retention_policy: str) -> None:
        self.wire = wire
        self.base = {"db": database, "epoch": "ms"} | ({"rp": retention_policy} if retention_policy else {})

    def version(self) -> str:
        stated = self.wire.get("/ping", fresh=True).headers.get("x-influxdb-version", "")
        return f"InfluxDB {stated}".strip()

    def ask(self, statements: Sequence[str], *, fresh: bool = False) -> tuple[tuple[Outcome, ...], int]:
        """The outcome of each statement, in their order, and the size of the answers in bytes.

        The server stops at the first statement that fails or reaches its row limit: those behind it are sent again,
        and it by itself, for only then version 1 says what was wrong.
        """
        outcomes: list[Outcome] = []
        size = 0
        while len(outcomes) < len(statements):
            answered, part = self._sent(statements[len(outcomes) :], fresh)
            outcomes += answered
            size += part
        return tuple(outcomes), size

    def _sent(self, statements: Sequence[str], fresh: bool) -> tuple[list[Outcome], int]:
        """The outcomes of as many statements as were executed, one at least."""
        params = {**self.base, "q": "; ".join(statements)}
        if len(params["q"]) > _LONG:
            reply = self.wire.post("/query", form=params, accept=_TOLD, fresh=fresh)
        else:
            reply = self.wire.get("/query", params, accept=_TOLD, fresh=fresh)
        told = reply.json()
        if isinstance(told, dict) and isinstance(told.get("error"), str):
            raise Unanswered(f"refused ({reply.status}): {told['error'][:300]}")
        results = told.get("results") if isinstance(told, dict) else None
        if not isinstance(results, list) or not 0 < len(results) <= len(statements):
            raise Unanswered("answers, but not as InfluxDB's /query does", hint="is this the address of it?")
        executed = [one for one in map(_outcome, results) if one.error != _NOT_EXECUTED]
        if not executed and len(statements) > 1:
            return self._sent(statements[:1], fresh)
        return executed or [Outcome(error=_NOT_EXECUTED)], reply.size

    def one(self, statement: str, *, fresh: bool = False) -> tuple[Table, ...]:
        """The tables of one statement; what it refuses in words is raised, DENIED where it is about privileges."""
        (outcome,), _ = self.ask([statement], fresh=fresh)
        if outcome.error:
            denied = "not authorized" in outcome.error
            raise Unanswered(outcome.error, status=Status.DENIED if denied else Status.FAILED)
        return outcome.tables


def _outcome(one: Any) -> Outcome:
    if not isinstance(one, dict):
        return Outcome(malformed=1)
    if isinstance(one.get("error"), str):
        return Outcome(error=one["error"][:300])
    listed = one.get("series") or []
    listed = listed if isinstance(listed, list) else [None]
    tables = [table for series in listed if (table := _table(series)) is not None]
    cut = one.get("partial") is True or any(isinstance(s, dict) and s.get("partial") is True for s in listed)
    return Outcome(tuple(tables), cut=cut, malformed=len(listed) - len(tables))


def _table(series: Any) -> Table | None:
    if not isinstance(series, dict):
        return None
    columns, rows, tags = series.get("columns"), series.get("values") or [], series.get("tags") or {}
    if not isinstance(columns, list) or not isinstance(rows, list) or not isinstance(tags, dict):
        return None
    rows = [row for row in rows if isinstance(row, list) and len(row) == len(columns)]
    texts = {str(tag): str(value) for tag, value in tags.items()}
    return Table(str(series.get("name", "")), texts, tuple(map(str, columns)), rows)
