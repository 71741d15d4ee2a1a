from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from andon.demo import database_client
from andon.demo.database import ADMIN, APPLICATION, DatabaseServer, fill
from andon.demo.database_client import DatabaseError, DatabasePool, PoolTimeoutError, Session
from andon.demo.emitter import Telemetry
from andon.demo.population import population


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("subscription-db", "1.0.0", "339104872215", receiver=9)


@pytest.fixture
def port(tmp_path, telemetry) -> Iterator[int]:
    fill(tmp_path / "db.sqlite", population(seed=1, affected=0.5))
    server = DatabaseServer(0, tmp_path / "db.sqlite", {ADMIN: "root", APPLICATION: "old"}, telemetry)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def alter(port: int, password: str) -> None:
    admin = Session(port, ADMIN, "root")
    admin.alter_role(APPLICATION, password)
    admin.close()


def test_a_session_reads_what_was_filled_in(port):
    session = Session(port, APPLICATION, "old")
    rows = session.query("select plan from subscriptions where customer = ?", "ios-customer-01")
    session.close()
    assert rows[0][0] in ("Essential", "Comfort", "Premium", "Lifetime")


@pytest.mark.parametrize(("user", "password"), [(APPLICATION, "wrong"), ("nobody", "old")])
def test_a_wrong_password_or_role_is_refused(port, user, password):
    with pytest.raises(DatabaseError, match="password authentication failed") as refusal:
        Session(port, user, password)
    assert refusal.value.code == "28P01"


def test_a_rotated_password_shuts_out_new_sessions_and_leaves_old_ones(port):
    before = Session(port, APPLICATION, "old")
    alter(port, "new")
    assert before.query("select count(*) from subscriptions") == [[16]]
    before.close()
    with pytest.raises(DatabaseError):
        Session(port, APPLICATION, "old")
    Session(port, APPLICATION, "new").close()


def test_only_the_administrator_alters_roles(port):
    session = Session(port, APPLICATION, "old")
    with pytest.raises(DatabaseError) as refusal:
        session.alter_role(APPLICATION, "mine")
    session.close()
    assert refusal.value.code == "42501"


def test_a_bad_statement_is_an_error_of_the_statement(port):
    session = Session(port, APPLICATION, "old")
    with pytest.raises(DatabaseError, match="no such table"):
        session.query("select * from elsewhere")
    assert session.query("select 1") == [[1]]
    session.close()


def test_rubbish_on_the_wire_ends_the_session_only(port):
    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.sendall(b"[]\n")
        assert stranger.recv(100) == b""
    Session(port, APPLICATION, "old").close()


def test_a_pool_notices_the_rotation_when_its_session_is_too_old(port, telemetry, monkeypatch):
    pool = DatabasePool(telemetry, port, APPLICATION, "old")
    assert pool.query("select 1", summary="SELECT") == [[1]]
    alter(port, "new")
    assert pool.query("select 1", summary="SELECT") == [[1]]
    monkeypatch.setattr("andon.demo.database_client._LIFETIME", 0)
    with pytest.raises(DatabaseError):
        pool.query("select 1", summary="SELECT")
    pool.close()


def test_a_pool_whose_sessions_do_not_come_back_lets_others_wait_in_vain(port, telemetry, monkeypatch):
    monkeypatch.setattr(database_client, "_TAKE_SECONDS", 0.01)
    pool = DatabasePool(telemetry, port, APPLICATION, "old")
    kept = [pool.acquire() for _ in range(database_client._SIZE)]
    with pytest.raises(PoolTimeoutError, match="QueuePool limit of size 8 overflow 0 reached"):
        pool.query("select 1", summary="SELECT")
    assert len(telemetry._spans) == 0
    pool.release(kept.pop())
    assert pool.query("select 1", summary="SELECT") == [[1]]
    for session in kept:
        pool.release(session)
    pool.close()


def test_a_failed_statement_gives_its_place_back(port, telemetry, monkeypatch):
    monkeypatch.setattr(database_client, "_TAKE_SECONDS", 0.01)
    pool = DatabasePool(telemetry, port, APPLICATION, "old")
    for _ in range(database_client._SIZE + 1):
        with pytest.raises(DatabaseError, match="no such table"):
            pool.query("select * from elsewhere", summary="SELECT")
    assert pool._in_use == 0
    pool.close()
