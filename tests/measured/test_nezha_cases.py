from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.nezha_cases import Day, cases, days, quiet_cases, unpacked, workload

from andon.connectors.files import FilesSource
from andon.telemetry import Window

HOUR = 1_674_982_800  # 2023-01-29 09:00:00 UTC
POD = "ts-price-service-76846864d9-g465z"


def write(folder: Path, stamp: str, start: int) -> None:
    """One request a second for a minute, from `start` (Unix seconds) on."""
    for name in ("trace", "log", "metric"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    spans = ["TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration"]
    logs = ["Timestamp,TimeUnixNano,Node,PodName,Container,TraceID,SpanID,Log"]
    for second in range(start, start + 60):
        at = second * 10**9
        spans.append(f"t{second},s1,root,{POD},/price,{at},{at + 10**7},10000")
        logs.append(f'2023,{at},n,{POD},server,t{second},s1,"{{""log"":""found price""}}"')
    (folder / "trace" / f"{stamp}_trace.csv").write_text("\n".join(spans) + "\n", encoding="utf-8")
    (folder / "log" / f"{stamp}_log.csv").write_text("\n".join(logs) + "\n", encoding="utf-8")
    metrics = ["Time,TimeStamp,PodName,CpuUsage(m)"]
    metrics += [f"x,{HOUR - 1800 + 60 * i},{POD},{i % 3}" for i in range(40)]
    (folder / "metric" / f"{POD}_metric.csv").write_text("\n".join(metrics) + "\n", encoding="utf-8")


@pytest.fixture
def day(tmp_path: Path) -> Day:
    recorded, quiet = tmp_path / "rca_data" / "2023-01-29", tmp_path / "construct_data" / "2023-01-29"
    for minute in range(3):
        write(recorded, f"09_0{minute}", HOUR + 60 * (minute - 1))
    write(quiet, "08_50", HOUR - 600)
    fault = {"inject_time": "2023-01-29 09:00:20", "inject_pod": POD, "inject_type": "exception"}
    (recorded / "2023-01-29-fault_list.json").write_text(json.dumps({"09": [fault]}), encoding="utf-8")
    (found,) = days(tmp_path)
    return found


def test_a_pod_belongs_to_its_deployment() -> None:
    assert workload(POD) == "ts-price-service"
    assert workload("cartservice-579f59597d-wc2lz") == "cartservice"
    assert workload("plain-name") == "plain-name"


def test_the_fault_free_time_ends_where_the_case_begins(day: Day, tmp_path: Path) -> None:
    (case,) = cases(day)
    assert (case.service, case.kind, case.entry) == ("ts-price-service", "exception", "ts-price-service")
    assert case.incident == Window(HOUR + 20, HOUR + 155)
    assert case.baseline == Window(HOUR + 20 - 3600, HOUR - 60)
    case.write(tmp_path / "case")
    source = FilesSource.open(tmp_path / "case")
    assert len(source.spans(case.baseline).value) == 60
    assert len(source.logs(case.baseline).value) == 60
    assert len(source.spans(case.incident).value) == 100
    assert source.spans(case.incident).value.services == ["ts-price-service"]


def test_quiet_cases_know_of_no_fault(day: Day) -> None:
    found = list(quiet_cases(day))
    assert [(case.service, case.kind) for case in found] == [("", "")] * 3
    assert all(case.spans.rows for case in found)


def test_a_folder_that_holds_days_needs_no_unpacking(day: Day, tmp_path: Path) -> None:
    with unpacked(tmp_path, tmp_path / "scratch") as folder:
        assert folder == tmp_path
    assert day.name == "2023-01-29"
