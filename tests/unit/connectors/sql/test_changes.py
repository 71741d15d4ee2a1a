from __future__ import annotations

from typing import Any

from andon.connectors import Need
from andon.telemetry import ChangeKind, Status, Window

START = 1_781_863_200.0
NEED = Need(Window(START, START + 600))
ORDERS = {"table": "orders", "signal": "changes", "time": "at", "timezone": "Europe/Berlin", "id": "no", "kind": "kind", "action": "what", "target": "asset", "summary": "text", "status": "state", "parameters": ["cost"], "service": "cell"}  # fmt: skip
TABLE = "CREATE TABLE orders (at TEXT, no INTEGER, kind TEXT, what TEXT, asset TEXT, text TEXT, state TEXT, cost REAL, cell TEXT);"


def test_rows_become_changes(connect: Any) -> None:
    text = TABLE + (
        "INSERT INTO orders VALUES ('2026-06-19 12:01:00', 7, NULL, 'repair', 'press-1', 'seal', 'done', 9.5, 'cell-4'),"
        "('2026-06-19 12:02:00', 8, 'config', NULL, 'press-2', NULL, 'CANCELLED', NULL, NULL),"
        "('2026-06-19 10:01:00', 9, NULL, NULL, 'x', NULL, NULL, NULL, NULL);"
    )
    first, second = connect(text, ORDERS).changes(NEED).value
    assert (first.id, first.time, first.action, first.target) == ("7", START + 60, "repair", "press-1")
    assert first.kind is ChangeKind.WORK_ORDER and first.resources == ("cell-4",)
    assert first.parameters == {"cost": "9.5", "service": "cell-4"} and first.origin == "mes/orders"
    assert (second.kind, second.action, second.error) == (ChangeKind.CONFIG, "config", "CANCELLED")


def test_only_the_newest_where_there_are_too_many(connect: Any) -> None:
    rows = ", ".join(
        f"('2026-06-19 12:0{n}:00', {n}, NULL, NULL, 'p', NULL, NULL, NULL, NULL)" for n in range(6)
    )
    result = connect(f"{TABLE} INSERT INTO orders VALUES {rows};", ORDERS).changes(Need(NEED.window, items=4))
    assert result.status is Status.TRUNCATED
    assert [event.id for event in result.value] == ["2", "3", "4", "5"]


def test_unreadable_times_are_counted(connect: Any) -> None:
    table = {**ORDERS, "timezone": "UTC"}
    text = f"{TABLE} INSERT INTO orders VALUES ('2026-06-19 10:01:00', 1, NULL, NULL, 'p', NULL, NULL, NULL, NULL), ('soon', 2, NULL, NULL, 'p', NULL, NULL, NULL, NULL);"
    result = connect(text, table).changes(NEED)
    assert [event.id for event in result.value] == ["1"]
