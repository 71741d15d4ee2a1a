"""A small database in a file, and a connector on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from andon.connectors import Session, open_class
from andon.connectors.sql import SqlConnector

Open = Callable[..., SqlConnector]


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Open]:
    """Makes a database of SQL statements, and the connector that the options describe."""
    with Session(20.0) as session:

        def made(statements: str, *tables: dict[str, Any], **options: Any) -> SqlConnector:
            with sqlite3.connect(tmp_path / "plant.db") as db:
                db.executescript(statements)
            db.close()
            stated = {"url": "sqlite:///plant.db", "tables": list(tables)} | options
            connector = open_class(SqlConnector, "mes", stated, session, folder=tmp_path)
            assert isinstance(connector, SqlConnector)
            return connector

        yield made
