"""The SQL connector against a real PostgreSQL, through lines that fail in the middle of an answer, too."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.sql import SqlConnector
from andon.telemetry import ChangeKind, Status, Window
from andon.testing.imitations.faulty_line import FaultyLine, LineFault
from live.servers import free_port, listens, running

BINARIES = "/usr/lib/postgresql/15/bin"
START = 1_781_863_200.0
NEED = Need(Window(START, START + 3600), step=60.0)
PASSWORD = "s3cr3t-of-the-plant"
SCHEMA = f"""
CREATE SCHEMA mes;
CREATE TABLE mes.readings (at timestamptz, machine text, tag text, value double precision, line text);
INSERT INTO mes.readings SELECT to_timestamp({START} + n / 10.0), 'press-' || (n % 2), 'pressure', n, 'A'
    FROM generate_series(0, 35999) n;
CREATE TABLE mes.wide (at timestamp, temp real, torque numeric(10, 3));
INSERT INTO mes.wide SELECT timestamp '2026-06-19 12:00:00' + n * interval '1 minute', n, n / 3.0
    FROM generate_series(0, 59) n;
CREATE TABLE mes.orders ("number" text, finished timestamptz, kind text, asset text, person text, remark text, status text);
INSERT INTO mes.orders VALUES
    ('WO-1', to_timestamp({START} + 60), 'work-order', 'press-1', 'kim', 'seal replaced; DROP TABLE x', 'done'),
    ('WO-2', to_timestamp({START} + 90), 'config', 'press-0', 'kim', 'recipe 7', 'Cancelled');
CREATE TABLE mes.events (at_ms bigint, severity text, message text, machine text);
INSERT INTO mes.events SELECT ({START} * 1000)::bigint + n * 36, CASE WHEN n % 1000 = 0 THEN 'ERROR' ELSE 'INFO' END,
    'event ' || n, 'press-1' FROM generate_series(0, 99999) n;
CREATE TABLE mes.secret (n int);
CREATE TABLE mes.denied (at timestamptz, v int);
CREATE VIEW mes.slow AS SELECT to_timestamp({START} + length(slept::text)) AS at, 'x'::text AS tag, 1.0 AS value
    FROM (SELECT pg_sleep(30) AS slept OFFSET 0) s;
CREATE ROLE andon LOGIN PASSWORD '{PASSWORD}';
GRANT USAGE ON SCHEMA mes TO andon;
GRANT SELECT ON mes.readings, mes.wide, mes.orders, mes.events, mes.slow TO andon;
"""
READINGS = {"table": "mes.readings", "signal": "metrics", "time": "at", "service": "machine", "name": "tag", "value": "value", "labels": ["line"]}  # fmt: skip
WIDE = {"table": "mes.wide", "signal": "metrics", "time": "at", "timezone": "Europe/Berlin", "service_is": "oven", "values": ["temp", "torque"], "units": {"temp": "Cel"}}  # fmt: skip
ORDERS = {"table": "mes.orders", "signal": "changes", "time": "finished", "id": "number", "kind": "kind", "target": "asset", "actor": "person", "summary": "remark", "status": "status"}  # fmt: skip
EVENTS = {"table": "mes.events", "signal": "logs", "time": "at_ms", "message": "message", "level": "severity", "service": "machine"}  # fmt: skip
SLOW = {"table": "mes.slow", "signal": "metrics", "time": "at", "name": "tag", "value": "value"}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if not os.path.exists(f"{BINARIES}/postgres"):
        pytest.skip("PostgreSQL 15 is not installed here")
    folder = tmp_path_factory.mktemp("postgresql")
    as_other = []
    if os.geteuid() == 0:
        if not shutil.which("runuser"):
            pytest.skip("PostgreSQL does not run as root, and runuser is not there")
        as_other = ["runuser", "-u", "postgres", "--"]
        for place in (folder, *folder.parents):
            if place.stat().st_uid == 0 and "pytest" in place.name:
                place.chmod(0o755)
        shutil.chown(folder, "postgres")
    data = f"{folder}/data"
    command = [*as_other, f"{BINARIES}/initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256"]
    (folder / "pw").write_text(PASSWORD)
    (folder / "pw").chmod(0o644)
    subprocess.run([*command, f"--pwfile={folder}/pw", "-N"], check=True, capture_output=True)
    _certified(Path(data), as_other)
    listening = free_port()
    settings = {"port": listening, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "ssl": "on"}  # fmt: skip
    server = [*as_other, f"{BINARIES}/postgres", "-D", data]
    for name, value in settings.items():
        server += ["-c", f"{name}={value}"]
    with running(server, lambda: listens(listening), folder=folder):
        with _admin(listening) as db:
            db.execute(SCHEMA)
        yield listening


def _certified(data: Path, as_other: list[str]) -> None:
    """A certificate that nobody signed, for `localhost`."""
    from importlib.resources import files

    pki = files("andon.demo") / "pki"
    for name, source in (("server.crt", "auth-service.pem"), ("server.key", "server.key")):
        (data / name).write_bytes((pki / source).read_bytes())
        (data / name).chmod(0o600)
        if as_other:
            shutil.chown(data / name, "postgres")


@contextlib.contextmanager
def _admin(port: int) -> Iterator[psycopg.Connection[Any]]:
    ends = time.monotonic() + 30
    while True:
        try:
            where = f"host=127.0.0.1 port={port} user=postgres password={PASSWORD} dbname=postgres"
            with psycopg.connect(where, sslmode="disable", autocommit=True) as db:
                yield db
            return
        except psycopg.OperationalError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MES_PASSWORD", PASSWORD)


def opened(port: int, session: Session, *tables: dict[str, Any], **options: Any) -> SqlConnector:
    options = {
        "url": f"postgresql://andon@localhost:{port}/postgres",
        "password": "${env:MES_PASSWORD}",
        "tables": list(tables),
    } | options
    connector = open_class(SqlConnector, "mes", options, session)
    assert isinstance(connector, SqlConnector)
    return connector


def test_long_metrics_are_averaged_in_the_database(port: int) -> None:
    with Session(60) as session:
        result = opened(port, session, READINGS).metrics(NEED)
        assert result.status is Status.OK, result.problems
        assert [one.key for one in result.value] == ["press-0 pressure{line=A}", "press-1 pressure{line=A}"]
        even = result.value[0]
        assert len(even.times) == 60 and even.times[0] == START and even.times[1] == START + 60
        assert even.values[0] == pytest.approx(np.mean(np.arange(0, 600, 2)))
        assert sum(fetch.items for fetch in result.fetches) < 200
        only = opened(port, session, READINGS).metrics(Need(NEED.window, ("press-1",), step=60.0))
        assert {one.service for one in only.value} == {"press-1"}


def test_fine_steps_give_the_rows_themselves(port: int) -> None:
    with Session(60) as session:
        window = Window(START + 0.05, START + 1.0)
        result = opened(port, session, READINGS).metrics(Need(window, ("press-1",), step=0.1))
        assert result.value[0].values.tolist() == [1.0, 3.0, 5.0, 7.0, 9.0]
        assert result.value[0].times.tolist() == pytest.approx([START + n / 10 for n in (1, 3, 5, 7, 9)])


def test_wide_metrics_in_local_time(port: int) -> None:
    with Session(60) as session:
        result = opened(port, session, WIDE).metrics(NEED)
        assert result.status is Status.OK, result.problems
        temp, torque = result.value
        assert (temp.name, temp.service, temp.unit) == ("temp", "oven", "Cel")
        assert temp.times[0] == START and temp.values.tolist() == list(range(60))
        assert torque.values[1] == pytest.approx(0.333)


def test_naive_times_without_a_zone_are_told(port: int) -> None:
    with Session(60) as session:
        wide = {**WIDE, "timezone": ""}
        result = opened(port, session, wide).metrics(Need(Window(START + 7200, START + 10800), step=60.0))
        assert result.status is Status.PARTIAL and result.count == 120
        assert "UTC" in result.problems[0].message


def test_work_orders(port: int) -> None:
    with Session(60) as session:
        result = opened(port, session, ORDERS).changes(NEED)
        assert result.status is Status.OK
        first, second = result.value
        assert (first.id, first.time, first.target, first.actor) == ("WO-1", START + 60, "press-1", "kim")
        assert first.kind is ChangeKind.WORK_ORDER and not first.error
        assert second.kind is ChangeKind.CONFIG and second.error == "Cancelled"
        assert first.origin == "mes/mes.orders"


def test_logs_are_sampled_and_errors_are_whole(port: int) -> None:
    with Session(60) as session:
        result = opened(port, session, EVENTS).logs(Need(NEED.window, items=5000))
        assert result.status is Status.OK, result.problems
        loud = result.value.severities >= 13
        assert loud.sum() == 100 and 3500 < result.count < 6500
        shares = sorted({fetch.share for fetch in result.fetches})
        assert shares[-1] == 1.0 and shares[0] == pytest.approx(0.049, rel=0.02)


def test_what_is_not_granted_is_denied_and_the_rest_arrives(port: int) -> None:
    denied = {"table": "mes.denied", "signal": "metrics", "time": "at", "values": ["v"]}
    with Session(60) as session:
        connector = opened(port, session, denied)
        assert connector.metrics(NEED).status is Status.DENIED
        assert opened(port, session, denied, READINGS).metrics(NEED).status is Status.PARTIAL
        assert any(check.state == "failed" and "GRANT" in check.hint for check in connector.check())


def test_a_wrong_password_is_denied(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MES_PASSWORD", "wrong-password-of-ours")
    with Session(30) as session:
        result = opened(port, session, READINGS).metrics(NEED)
        assert result.status is Status.DENIED and "wrong-password" not in repr(result)


def test_the_certificate_has_to_be_trusted(port: int) -> None:
    with Session(30) as session:
        result = opened(port, session, READINGS, encrypted=True).metrics(NEED)
        assert result.status is Status.FAILED and "cannot be trusted" in result.problems[0].message


def test_nothing_can_be_written(port: int) -> None:
    from sqlalchemy import text

    with Session(30) as session:
        user = {"url": f"postgresql://postgres@localhost:{port}/postgres"}
        connector = opened(port, session, READINGS, **user)
        with pytest.raises(Exception, match="refused to write"):
            connector.database.inspected(lambda db: db.execute(text("DELETE FROM mes.orders")), "write")
        checks = connector.check()
        assert any("may also INSERT, UPDATE, DELETE" in check.found for check in checks)


def test_check_tells_how_far_back(port: int) -> None:
    with Session(60) as session:
        checks = opened(port, session, READINGS, WIDE, ORDERS, EVENTS).check()
        assert all(check.state == "ok" for check in checks), checks
        assert checks[0].found == "postgresql 15.0" or checks[0].found.startswith("postgresql 15")
        assert "from 2026-06-19T10:00:00Z to 2026-06-19T10:59:59Z" in {check.found for check in checks}
        assert checks[-1].what == "clock"


def test_a_slow_statement_is_stopped_in_the_server(port: int) -> None:
    with Session(60) as session:
        result = opened(port, session, SLOW, limits={"timeout": 1.0}).metrics(NEED)
        assert result.status is Status.FAILED
    with _admin(port) as db:
        time.sleep(0.5)
        assert _running(db) == 0


def test_cancelling_reaches_the_server(port: int) -> None:
    import threading

    with Session(60) as session:
        connector = opened(port, session, SLOW, limits={"timeout": 30.0})
        asked = threading.Thread(target=connector.metrics, args=(NEED,))
        asked.start()
        with _admin(port) as db:
            ends = time.monotonic() + 20
            while not _running(db):
                assert time.monotonic() < ends
                time.sleep(0.05)
            session.cancel()
            asked.join(3)
            assert not asked.is_alive()
            ends = time.monotonic() + 5
            while _running(db):
                assert time.monotonic() < ends
                time.sleep(0.05)


def _running(db: psycopg.Connection[Any]) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'andon' AND state = 'active'"
    row = db.execute(query).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("fault", [LineFault.STALLED, LineFault.DROPPED, LineFault.GARBAGE])
def test_a_line_that_fails_in_the_middle_of_an_answer(port: int, fault: LineFault) -> None:
    with FaultyLine(fault, upstream=port, after=60_000) as line, Session(4) as session:
        began = time.monotonic()
        need = Need(NEED.window, step=0.1)
        result = opened(line.port, session, READINGS).metrics(need)
        assert time.monotonic() - began < 6 and line.failed.is_set()
        assert result.status in (Status.FAILED, Status.PARTIAL) and not result.count
        assert PASSWORD not in repr(result)
