"""Fields of a real InfluxDB, compared with numbers computed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.influxdb import InfluxDbConnector
from andon.telemetry import MetricSeries, Result, Status, Window
from live.servers import answers, free_port, installed, running

START = 1_781_863_200.0
WINDOW = Window(START, START + 1200)
CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "meta"
[data]
  dir = "data"
  wal-dir = "wal"
[http]
  bind-address = "127.0.0.1:{port}"
  max-row-limit = {rows}
[monitor]
  store-enabled = false
"""


def lines() -> str:
    """Two instances that count 30 calls in 15 s and restart after ten minutes; a line with one odd name."""
    found = []
    for i in range(80):
        at = round((START + 4 + 15 * i) * 1000)
        calls = 30 * (i if i < 40 else i - 39)
        latency = 100.0 if i < 40 else 900.0
        for instance in "ab":
            tags = f"service=checkout,instance={instance},code=200"
            found.append(f'http,{tags} requests_total={calls}i,latency_ms={latency},note="x" {at}')
        found.append(f"oven\\ 2,host=line-1,zone\\,part=c\\ d value={180.5 + i % 2} {at}")
        found.append(f"pay,service=payroll slips_total={i}i {at}")
    return "\n".join(found)


def _served(tmp: pytest.TempPathFactory, rows: int) -> Iterator[str]:
    folder, port = tmp.mktemp("influx"), free_port()
    (folder / "influxdb.conf").write_text(CONFIG.format(rpc=free_port(), port=port, rows=rows))
    url = f"http://127.0.0.1:{port}"
    with running([installed("influxd"), "-config", "influxdb.conf"], f"{url}/ping", folder=folder):
        made = httpx2.post(f"{url}/query", data={"q": "CREATE DATABASE shop"}, trust_env=False)
        params = {"db": "shop", "precision": "ms"}
        sent = httpx2.post(f"{url}/write", params=params, content=lines(), trust_env=False)
        assert made.is_success and sent.is_success and answers(f"{url}/ping")
        yield url


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _served(tmp_path_factory, rows=0)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _served(tmp_path_factory, rows=5)


def asked(url: str, need: Need, **options: Any) -> Result[tuple[MetricSeries, ...]]:
    with Session(30.0) as session:
        stated = {"url": url, "database": "shop", **options}
        return open_class(InfluxDbConnector, "influx", stated, session).metrics(need)


def test_every_number_is_right(server: str) -> None:
    result = asked(server, Need(WINDOW, step=60.0))
    assert result.status is Status.OK, result.problems
    found = {series.key: series for series in result.value}
    latency = found["checkout http_latency_ms{code=200,instance=a}"]
    assert latency.unit == "ms" and set(latency.values) == {100.0, 900.0}
    assert latency.times[0] == START + 60, "a point lies at the end of what it speaks for"
    assert set(latency.within(Window(START, START + 601)).values) == {100.0}
    gained = found["checkout http_requests{code=200,instance=b}"]
    assert set(gained.values) == {120.0} and START + 660 not in gained.times, "the restart's step is left out"
    oven = found["line-1 oven 2{zone,part=c d}"]
    assert np.allclose(oven.values, 181.0)
    assert not [key for key in found if "note" in key]


def test_scope_and_services_narrow(server: str) -> None:
    scoped = asked(server, Need(WINDOW, step=60.0), scope={"match": {"service": ["checkout"]}})
    assert {series.service for series in scoped.value} == {"checkout"} and scoped.status is Status.OK
    only = asked(server, Need(WINDOW, step=60.0), scope={"measurements": ["oven 2"]})
    assert {series.name for series in only.value} == {"oven 2"}
    narrowed = asked(server, Need(WINDOW, services=("payroll",), step=60.0))
    assert {series.name for series in narrowed.value} == {"pay_slips"}
    denied = asked(server, Need(WINDOW, services=("payroll",)), scope={"match": {"service": ["checkout"]}})
    assert denied.status is Status.DENIED and not denied.fetches


def test_many_series_are_summed_up(server: str) -> None:
    result = asked(server, Need(WINDOW, step=60.0), series_per_measurement=1)
    found = {series.key: series for series in result.value}
    assert set(found["checkout http_requests{code=200}"].values) == {240.0}


def test_a_row_limit_is_told(limited: str) -> None:
    result = asked(limited, Need(WINDOW, step=60.0))
    assert result.status is Status.TRUNCATED, result.problems
    assert all("row limit" in problem.message for problem in result.problems)


def test_a_database_that_is_not_there(server: str) -> None:
    result = asked(server, Need(WINDOW), database="nothing")
    assert result.status is Status.FAILED and "database not found" in result.problems[0].message


def test_check(server: str) -> None:
    with Session(30.0) as session:
        checks = open_class(InfluxDbConnector, "influx", {"url": server, "database": "shop"}, session).check()
    assert all(check.state == "ok" for check in checks), checks
    assert "1.6" in checks[0].found and "autogen keeps all" in {check.found for check in checks}
