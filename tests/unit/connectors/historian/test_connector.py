from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.historian import HistorianConnector
from andon.errors import ConfigError
from andon.telemetry import Status, Window

START = 1_781_863_200.0  # 2026-06-19T10:00:00Z
NEED = Need(Window(START, START + 600))
LONG = "timestamp,machine,tag,value\n"


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(20.0) as session:
        yield session


def opened(folder: Path, session: Session, **options: Any) -> HistorianConnector:
    connector = open_class(HistorianConnector, "drops", {"path": "."} | options, session, folder=folder)
    assert isinstance(connector, HistorianConnector)
    return connector


def dropped(folder: Path, name: str, text: str, changed: float = START + 86_400) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, (changed, changed))
    return file


def rows(day: str, *values: str) -> str:
    return "time,service,metric,value\n" + "".join(
        f"{day}T10:0{i}:00Z,press,temp,{v}\n" for i, v in enumerate(values)
    )


def test_only_the_files_of_the_day_are_opened(tmp_path: Path, session: Session) -> None:
    for day in ("2026-06-01", "2026-06-18", "2026-06-19", "2026-06-20", "2026-07-01"):
        dropped(tmp_path, f"press_{day.replace('-', '')}.csv", rows(day, "1", "2"))
    result = opened(tmp_path, session).metrics(NEED)
    assert result.status is Status.OK and result.count == 2
    assert [fetch.place for fetch in result.fetches[1:]] == [f"press_202606{day}.csv" for day in (18, 19, 20)]
    assert session.spent("drops") == sum(fetch.bytes for fetch in result.fetches)


def test_a_file_that_was_changed_before_the_window_holds_nothing_of_it(
    tmp_path: Path, session: Session
) -> None:
    dropped(tmp_path, "old.csv", rows("2026-06-19", "1"), START - 3 * 86_400)
    dropped(tmp_path, "new.csv", rows("2026-06-19", "5"))
    result = opened(tmp_path, session).metrics(NEED)
    assert [fetch.place for fetch in result.fetches[1:]] == ["new.csv"] and result.count == 1


def test_new_files_appear_and_wide_ones_are_told_by_looking(tmp_path: Path, session: Session) -> None:
    connector = opened(tmp_path, session, service="oven")
    assert connector.metrics(NEED).status is Status.EMPTY
    dropped(
        tmp_path,
        "a/2026-06-19.csv",
        "timestamp,temp,torque\n2026-06-19T10:00:00Z,1,2\n2026-06-19T10:01:00Z,3,4\n",
    )
    result = connector.metrics(NEED)
    assert {one.key for one in result.value} == {"oven temp", "oven torque"}


def test_a_half_written_last_line_is_no_error(tmp_path: Path, session: Session) -> None:
    text = rows("2026-06-19", "1", "2") + "2026-06-19T10:05:00Z,press,temp,12"
    dropped(tmp_path, "now.csv", text, time.time())
    result = opened(tmp_path, session).metrics(NEED)
    assert result.status is Status.OK and result.value[0].values.tolist() == [1, 2]


def test_a_last_line_of_a_file_at_rest_counts(tmp_path: Path, session: Session) -> None:
    dropped(tmp_path, "done.csv", rows("2026-06-19", "1", "2").rstrip("\n"))
    assert opened(tmp_path, session).metrics(NEED).count == 2


def test_stated_columns_and_a_zone(tmp_path: Path, session: Session) -> None:
    dropped(tmp_path, "x.csv", "wann;wo;was;wert\n19.06.2026;a;b;1\n2026-06-19 12:01:00;press;temp;4\n")
    stated = {"time": "wann", "service": "wo", "metric": "was", "value": "wert"}
    connector = opened(
        tmp_path, session, format="csv-long", columns=stated, timezone="Europe/Berlin", unit="Cel"
    )
    result = connector.metrics(NEED)
    assert result.status is Status.PARTIAL and result.value[0].times.tolist() == [START + 60]
    assert (result.value[0].service, result.value[0].unit) == ("press", "Cel")


def test_parquet(tmp_path: Path, session: Session) -> None:
    import duckdb

    target = tmp_path / "2026-06-19.parquet"
    with duckdb.connect() as db:
        select = "SELECT TIMESTAMPTZ '2026-06-19 10:00:00Z' + INTERVAL 1 MINUTE * i AS time, 'press' AS service, 'p' AS metric, i * 1.0 AS value FROM range(20) t(i)"
        db.execute(f"COPY ({select}) TO '{target}' (FORMAT parquet)")
    result = opened(tmp_path, session, files="*.parquet").metrics(NEED)
    assert result.status is Status.OK and result.value[0].values.tolist() == list(range(10))


def test_one_bad_file_does_not_take_the_others_with_it(tmp_path: Path, session: Session) -> None:
    dropped(tmp_path, "a.csv", rows("2026-06-19", "1"))
    (tmp_path / "b.csv").write_bytes(os.urandom(5000))
    (tmp_path / "c.parquet").write_bytes(b"PAR1 broken")
    result = opened(tmp_path, session).metrics(NEED)
    assert result.status is Status.PARTIAL and result.count == 1
    assert {problem.place for problem in result.problems} >= {"drops b.csv", "drops c.parquet"}


def test_work_orders(tmp_path: Path, session: Session) -> None:
    text = "no,closed,asset,text,state\n7,2026-06-19 12:05:00,press-1,seal,done\n8,2026-06-19 12:06:00,press-1,,CAN\n9,soon,x,,\n"
    dropped(tmp_path, "orders.csv", text)
    dropped(tmp_path, "m.csv", rows("2026-06-19", "1"))
    stated = {"files": "orders*.csv", "time": "closed", "timezone": "Europe/Berlin", "target": "asset", "id": "no", "summary": "text", "status": "state"}  # fmt: skip
    connector = opened(tmp_path, session, work_orders=[stated])
    result = connector.changes(NEED)
    assert result.status is Status.PARTIAL and "without a readable time" in result.problems[0].message
    first, second = result.value
    assert (first.id, first.time, first.target, first.summary, first.error) == (
        "7",
        START + 300,
        "press-1",
        "seal",
        "",
    )
    assert second.error == "CAN" and first.origin == "drops/orders.csv"
    assert connector.metrics(NEED).status is Status.OK
    absent = opened(tmp_path, session, work_orders=[{**stated, "target": "wo"}]).changes(NEED)
    assert absent.status is not Status.OK and any(
        "no column wo" in problem.message for problem in absent.problems
    )


def test_budget_time_and_folder(tmp_path: Path) -> None:
    dropped(tmp_path, "a.csv", rows("2026-06-19", *"123456789"[:9]) * 10)
    with Session(20) as session:
        result = opened(tmp_path, session, limits={"bytes": 1024}).metrics(NEED)
        assert result.status is Status.TRUNCATED and not result.count
    with Session(20) as session:
        connector = opened(tmp_path, session)
        session.cancel()
        assert connector.metrics(NEED).problems and not connector.metrics(NEED).count
    with Session(20) as session:
        connector = opened(tmp_path, session, path="absent")
        assert connector.metrics(NEED).status is Status.FAILED
        assert connector.check()[0].state == "failed"


def test_what_is_no_file_and_what_leads_out_is_left_alone(tmp_path: Path, session: Session) -> None:
    outside = dropped(tmp_path, "outside/secret.csv", rows("2026-06-19", "1"))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.csv").symlink_to(outside)
    os.mkfifo(inside / "pipe.csv")
    dropped(inside, ".hidden.csv", rows("2026-06-19", "1"))
    assert opened(inside, session).metrics(NEED).status is Status.EMPTY


def test_check(tmp_path: Path, session: Session) -> None:
    dropped(tmp_path, "2026-06-18.csv", rows("2026-06-18", "1"))
    dropped(tmp_path, "2026-06-19.csv", rows("2026-06-19", "1"))
    checks = opened(tmp_path, session, work_orders=[{"files": "wo*.csv", "time": "t", "target": "a"}]).check()
    assert [(check.what, str(check.state)) for check in checks] == [("folder", "ok"), ("metrics", "ok"), ("work orders", "warning")]  # fmt: skip
    assert checks[0].found == "2 files, from 2026-06-18 to 2026-06-19"


@pytest.mark.parametrize("options", [{"files": "../*.csv"}, {"files": "/etc/*"}, {"columns": {"time": "t"}}, {"format": "csv-long", "columns": {"nothing": "t"}}, {"timezone": "Nowhere"}])  # fmt: skip
def test_mistakes_are_told(tmp_path: Path, session: Session, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        opened(tmp_path, session, **options)
