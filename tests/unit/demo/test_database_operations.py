from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from andon.demo import database_storage
from andon.demo.database import ADMIN, APPLICATION, DatabaseServer, fill
from andon.demo.database_client import DatabaseError, Session
from andon.demo.database_operations import DatabaseOperations
from andon.demo.emitter import Telemetry
from andon.demo.population import population
from andon.demo.settings import EstateSettings


@pytest.fixture
def operations(tmp_path, monkeypatch) -> Iterator[DatabaseOperations]:
    monkeypatch.setattr(database_storage, "_TELL_SECONDS", 0.02)
    monkeypatch.setattr(database_storage, "_STATEMENT_SECONDS", 0.05)
    fill(tmp_path / "db.sqlite", population(seed=1, affected=0.5))
    telemetry = Telemetry("subscription-db", "1.0.0", "1", receiver=9)
    passwords = {ADMIN: "root", APPLICATION: "app"}
    server = DatabaseServer(0, tmp_path / "db.sqlite", passwords, telemetry)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    settings = EstateSettings(
        folder=str(tmp_path),
        seed=1,
        load=1.0,
        affected=0.5,
        ports={"subscription-db": server.server_address[1]},
        db_admin_password="root",
        secrets={},
    )
    yield DatabaseOperations(settings)
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_transaction_that_nobody_commits_keeps_its_lock(operations):
    port = operations._settings.ports["subscription-db"]
    assert operations.begin() != operations.begin()
    operations.execute("ALTER TABLE subscriptions ADD COLUMN churn_score numeric", in_transaction=True)
    application = Session(port, APPLICATION, "app")
    with pytest.raises(DatabaseError, match="statement timeout") as cancelled:
        application.query("select 1 from subscriptions where vin = 'W'")
    assert cancelled.value.code == "57014"
    operations.begin()
    assert application.query("select 1 from subscriptions where vin = 'W'") == []
    application.close()
    operations._open.close()


def test_a_statement_of_its_own_leaves_nothing_behind(operations):
    assert operations.execute("SELECT plan FROM subscriptions WHERE vin = 'W'") == 0
    with pytest.raises(DatabaseError):
        operations.execute("SELECT nonsense")
