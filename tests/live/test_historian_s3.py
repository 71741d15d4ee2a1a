"""Drops in a bucket of a real moto server: listed in pages, fetched in pieces, by whoever a role lets in."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.historian import HistorianConnector, copies
from andon.telemetry import Status, Window
from live.moto_server import moto_running, signed_in

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")

REGION, ROLE = "eu-central-1", "arn:aws:iam::111122223333:role/andon-read"
START = datetime(2026, 6, 19, 10, tzinfo=UTC).timestamp()
NEED = Need(Window(START, START + 600))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with moto_running() as address:
        yield address


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch)


@pytest.fixture
def bucket(url: str, request: pytest.FixtureRequest) -> Any:
    name = request.node.name.replace("_", "-")[:60].rstrip("-")
    store = boto3.resource("s3", endpoint_url=url, region_name=REGION).Bucket(name)
    store.create(CreateBucketConfiguration={"LocationConstraint": REGION})
    return store


def opened(url: str, bucket: Any, session: Session, **options: Any) -> HistorianConnector:
    stated = {"bucket": bucket.name, "region": REGION, "endpoint": url, "prefix": "plant/drops"} | options
    connector = open_class(HistorianConnector, "drops", stated, session)
    assert isinstance(connector, HistorianConnector)
    return connector


def rows(day: str, *values: float) -> bytes:
    lines = (f"{day}T10:0{i % 10}:{i // 10:02}Z,press,temp,{v}\n" for i, v in enumerate(values))
    return ("time,service,metric,value\n" + "".join(lines)).encode()


def put(bucket: Any, key: str, body: bytes, **options: Any) -> None:
    bucket.put_object(Key=f"plant/drops/{key}", Body=body, **options)


def test_only_the_days_of_the_window_come(url: str, bucket: Any):
    for day in ("2026-06-01", "2026-06-18", "2026-06-19", "2026-06-20", "2026-07-01"):
        put(bucket, f"press_{day}.csv", rows(day, 1, 2))
    bucket.put_object(Key="plant/drops-of-others/2026-06-19.csv", Body=rows("2026-06-19", 99))
    put(bucket, "../2026-06-19.csv", rows("2026-06-19", 99))
    put(bucket, "folder/", b"")
    with Session(20.0) as session:
        connector = opened(url, bucket, session)
        result = connector.metrics(NEED)
        spent = session.spent("drops")
        connector.close()
    assert result.count == 2 and result.value[0].values.tolist() == [1, 2]
    assert [fetch.place for fetch in result.fetches[1:]] == [
        f"press_2026-06-{day}.csv" for day in (18, 19, 20)
    ]
    assert result.status is Status.PARTIAL
    assert [problem.message for problem in result.problems] == ["1 keys that are no paths were left out"]
    assert spent == sum(fetch.bytes for fetch in result.fetches)


def test_more_than_a_page_of_keys(url: str, bucket: Any):
    for number in range(1005):
        put(bucket, f"2025-01-01/{number:05}.csv", b"")
    put(bucket, "2026-06-19/late.csv", rows("2026-06-19", 7))
    with Session(60.0) as session:
        result = opened(url, bucket, session).metrics(NEED)
    assert result.status is Status.OK and result.value[0].values.tolist() == [7]


def test_pieces_make_the_whole(url: str, bucket: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(copies, "PIECE", 1000)
    body = rows("2026-06-19", *range(300))
    put(bucket, "a b/ü+(1)=2026-06-19.csv", body)
    put(bucket, "2026-06-19.csv.gz", gzip.compress(rows("2026-06-19", 5).replace(b"temp", b"oil")))
    put(bucket, "packed-2026-06-19.csv", gzip.compress(rows("2026-06-19", 6).replace(b"temp", b"air")), ContentEncoding="gzip")  # fmt: skip
    with Session(20.0) as session:
        result = opened(url, bucket, session).metrics(NEED)
    assert result.status is Status.OK, result.problems
    found = {one.name: one.values.tolist() for one in result.value}
    assert sorted(found["temp"]) == list(range(300)) and found["oil"] == [5] and found["air"] == [6]


def test_parquet_comes_whole_or_not_at_all(url: str, bucket: Any, tmp_path: Path):
    import duckdb

    file = tmp_path / "x.parquet"
    with duckdb.connect() as db:
        select = "SELECT TIMESTAMPTZ '2026-06-19 10:00:00Z' + INTERVAL 1 SECOND * i AS time, 'press' AS service, 'p' AS metric, random() AS value FROM range(500) t(i)"
        db.execute(f"COPY ({select}) TO '{file}' (FORMAT parquet)")
    put(bucket, "2026-06-19.parquet", file.read_bytes())
    with Session(20.0) as session:
        assert opened(url, bucket, session).metrics(NEED).count == 500
    with Session(20.0) as session:
        cut = opened(url, bucket, session, limits={"answer_bytes": 2048}).metrics(NEED)
    assert (
        cut.status is Status.TRUNCATED and not cut.count and "no more than 2,048" in cut.problems[0].message
    )


def test_a_drop_that_is_too_large_gives_its_complete_lines(url: str, bucket: Any):
    put(bucket, "2026-06-19.csv", rows("2026-06-19", *range(500)))
    with Session(20.0) as session:
        result = opened(url, bucket, session, limits={"answer_bytes": 4096}).metrics(NEED)
    assert result.status is Status.TRUNCATED and 50 < result.count < 200, result.problems
    assert "limits.answer_bytes" in result.problems[0].hint


def test_a_budget_that_is_used_up_is_told(url: str, bucket: Any):
    for number in range(4):
        put(
            bucket,
            f"2026-06-19-{number}.csv",
            rows("2026-06-19", *range(60)).replace(b"temp", b"t%d" % number),
        )
    with Session(20.0) as session:
        result = opened(url, bucket, session, limits={"bytes": 5000}).metrics(NEED)
        assert session.spent("drops") <= 5000
    assert result.status is Status.TRUNCATED and result.count
    assert any("and what follows was not read" in problem.message for problem in result.problems)


def test_one_who_assumes_a_role(url: str, bucket: Any):
    put(bucket, "2026-06-19.csv", rows("2026-06-19", 1))
    put(bucket, "orders/o.csv", b"no,closed,asset\n7,2026-06-19T10:05:00Z,press-1\n")
    stated = {"files": "orders/*.csv", "time": "closed", "target": "asset", "id": "no"}
    with Session(20.0) as session:
        connector = opened(url, bucket, session, role=ROLE, work_orders=[stated])
        (change,) = connector.changes(NEED).value
        checks = connector.check()
    assert (change.id, change.target, change.origin) == ("7", "press-1", "drops/orders/o.csv")
    assert [(check.what, str(check.state)) for check in checks] == [
        (what, "ok") for what in ("sign-in", "bucket", "metrics", "work orders", "clock")
    ]
    assert checks[0].found == "as role andon-read in 111122223333"


def test_a_bucket_that_is_not_there(url: str, bucket: Any):
    bucket.delete()
    with Session(20.0) as session:
        connector = opened(url, bucket, session)
        result, checks = connector.metrics(NEED), connector.check()
    assert result.status is Status.FAILED and "no such bucket" in result.problems[0].message
    assert checks[0].state == "failed" and "`bucket`" in checks[0].hint


def test_nothing_in_the_bucket_is_changed(url: str, bucket: Any):
    put(bucket, "2026-06-19.csv", rows("2026-06-19", 1))
    before = [(one.key, one.e_tag, one.last_modified) for one in bucket.objects.all()]
    with Session(20.0) as session:
        connector = opened(url, bucket, session)
        connector.check()
        home = connector.drops._private()
        assert list(home.iterdir()) and home.stat().st_mode & 0o777 == 0o700
        connector.close()
    assert [(one.key, one.e_tag, one.last_modified) for one in bucket.objects.all()] == before
    assert not home.exists()
