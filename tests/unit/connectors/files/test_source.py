import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors.files import FilesSource, Limits
from andon.connectors.files.bundle import Bundle
from andon.connectors.source import Signal, Source
from andon.errors import ConfigError, SourceError
from andon.telemetry import Status, Window

ALL = Window(0, 4e9)
T = 1_781_864_700
DATA = Path(__file__).parents[5] / "shared" / "data"
METRICS = f"time,service,metric,value\n{T},pay,lat,1\n{T + 60},pay,lat,2\n"
LOGS = "2026-06-19T10:25:00Z ERROR boom\n"


def texts(result):
    return [str(problem) for problem in result.problems]


def test_a_folder_is_a_source(source):
    found: Source = source(
        {
            "m.csv": METRICS,
            "pay.log": LOGS,
            "c.json": '{"Records":[{"eventTime":"2026-06-19T10:24:00Z","eventName":"X","eventSource":"y"}]}',
            "g.csv": "source,target\nweb,pay\n",
        }
    )
    info = found.info()
    assert (info.name, info.kind) == ("bundle", "files")
    assert info.signals == (Signal.METRICS, Signal.LOGS, Signal.CHANGES, Signal.TOPOLOGY)
    assert (info.extent.start, T + 60 in info.extent, T + 61 in info.extent) == (T, True, False)
    assert found.metrics(ALL).count == 2
    assert found.metrics(Window(T, T + 60)).value[0].values.tolist() == [1]
    assert found.logs(ALL).value[0].service == "pay"
    assert found.changes(ALL).value[0].action == "X"
    assert found.topology().value.callees == {"web": ("pay",)}
    assert {found.spans(ALL).status, found.metrics(Window(0, 1)).status} == {Status.EMPTY}


def test_a_zip_with_its_manifest_in_a_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("top/m.csv", METRICS)
        archive.writestr("top/spare.csv", METRICS)
        archive.writestr("top/w.dsl", "workspace {\n!include more.dsl\n}\n")
        archive.writestr("top/more.dsl", 'model {\n a = softwareSystem "A"\n}\n')
        archive.writestr(
            "top/incident.yaml",
            "version: 1\nsymptom: slow\nfiles:\n- {path: m.csv, signal: metrics, format: csv-long}\n"
            "- {path: w.dsl, signal: topology, format: structurizr}\n",
        )
    found = FilesSource.open(tmp_path / "b.zip")
    assert (found.name, found.info().symptom) == ("b", "slow")
    assert found.metrics(ALL).status is Status.OK
    assert [element.id for element in found.topology().value.elements] == ["a"]
    assert [problem.place for problem in found.problems] == ["top/spare.csv"]


def test_one_format_name_serves_several_signals(source):
    manifest = "version: 1\nfiles:\n" + "".join(
        f"- {{path: {s}.jsonl, signal: {s}, format: otlp-jsonl}}\n" for s in ("metrics", "logs", "traces")
    )
    found = source({"incident.yaml": manifest, "metrics.jsonl": "", "logs.jsonl": "", "traces.jsonl": ""})
    assert {found.metrics(ALL).status, found.logs(ALL).status, found.spans(ALL).status} == {Status.EMPTY}


def test_nothing_to_read(tmp_path):
    with pytest.raises(SourceError) as caught:
        FilesSource.open(tmp_path)
    assert caught.value.hint


def test_a_wrong_manifest(source):
    with pytest.raises(ConfigError, match=r"bundle/incident\.yaml: colour"):
        source({"incident.yaml": "colour: red", "m.csv": METRICS})


def test_a_file_that_fails_leaves_the_rest(source):
    manifest = "files:\n" + "".join(
        f"- {{path: {p}, signal: metrics, format: csv-long}}\n" for p in ("m.csv", "bad.csv", "gone.csv")
    )
    result = source({"incident.yaml": manifest, "m.csv": METRICS, "bad.csv": "x\n1\n"}).metrics(ALL)
    assert (result.status, result.count) == (Status.PARTIAL, 2)
    assert texts(result) == [
        "bad.csv:1: no column for time, metric, value; the columns are x; expected time, metric, value (and service, unit, labels)",
        "gone.csv: named in incident.yaml but not there",
    ]
    assert all(problem.hint for problem in result.problems)


def test_nothing_readable_is_failed(source):
    result = source(
        {"incident.yaml": "files: [{path: bad.csv, signal: logs, format: text}]", "bad.csv": "x"}
    ).logs(ALL)
    assert (result.status, len(result.value)) == (Status.FAILED, 0)


def test_a_missing_permission_is_denied(source, folder, monkeypatch):
    def refuse(self, path):
        raise PermissionError(13, "Permission denied")

    root = folder({"metrics.csv": METRICS})
    monkeypatch.setattr(Bundle, "_open", refuse)
    result = FilesSource.open(root).metrics(ALL)
    assert result.status is Status.DENIED
    assert "permission denied" in texts(result)[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind the superuser")
def test_a_folder_that_may_not_be_read(folder):
    root = folder({"metrics.csv": METRICS})
    (root / "metrics.csv").chmod(0)
    assert FilesSource.open(root).metrics(ALL).status is Status.DENIED


def test_limits_truncate(tmp_path):
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pay.log", LOGS * 200_000)
    result = FilesSource.open(tmp_path / "b.zip", Limits(ratio=20, ratio_floor=1 << 20)).logs(ALL)
    assert result.status is Status.TRUNCATED
    assert result.count > 10_000


def test_times_without_a_zone(source, folder):
    log = "2026-06-19 12:25:00 x\n2026-06-19 12:26:00 y\n"
    result = source({"pay.log": log}).logs(ALL)
    assert texts(result) == ["pay.log: times without a zone were read as UTC (2 times)"]
    assert "timezone" in result.problems[0].hint
    stated = "timezone: Europe/Berlin\nfiles: [{path: pay.log, signal: logs, format: text}]"
    result = source({"pay.log": log, "incident.yaml": stated}).logs(ALL)
    assert (result.status, result.value.times[0]) == (Status.OK, T)


def test_mixed_zones_are_told(source):
    result = source(
        {"pay.log": "2026-06-19T10:25:00Z a\n2026-06-19 10:26:00 b\n2026-06-19T12:27:00+02:00 c\n"}
    ).logs(ALL)
    assert result.value.times.tolist() == [T, T + 60, T + 120]
    assert texts(result) == ["pay.log: times without a zone among others that have one"]


def test_years_come_from_the_incident_or_the_other_files(source, folder):
    log = "Jun 19 10:25:00 host app: x\n"
    files = {"app.log": log, "m.csv": "time,metric,value\n1560000000,m,1\n"}
    result = source(files).logs(ALL)
    assert np.datetime64(int(result.value.times[0]), "s").astype("datetime64[Y]") == np.datetime64("2019")
    assert any("placed near 2019" in text for text in texts(result))
    manifest = "timezone: UTC\nincident: {from: 2012-06-19, to: 2012-06-20}\nfiles: [{path: app.log, signal: logs, format: text}]"
    result = source({**files, "incident.yaml": manifest}).logs(ALL)
    assert np.datetime64(int(result.value.times[0]), "s").astype("datetime64[Y]") == np.datetime64("2012")


def test_series_over_several_files_are_joined(source):
    later = f"time,service,metric,value\n{T + 60},pay,lat,9\n{T + 120},pay,lat,3\n"
    result = source({"a.csv": METRICS, "b.csv": later}).metrics(ALL)
    assert [series.values.tolist() for series in result.value] == [[1, 9, 3]]
    assert "the last one was kept" in texts(result)[0]


def test_files_are_read_once_and_only_when_asked(source, monkeypatch):
    found = source({"m.csv": METRICS, "pay.log": LOGS})
    opened = []
    real = Bundle.chunks
    monkeypatch.setattr(Bundle, "chunks", lambda self, path: opened.append(path) or real(self, path))
    found.metrics(ALL)
    found.metrics(Window(0, 1))
    assert opened == ["m.csv"]


def test_a_parser_with_a_bug_does_not_raise(source, monkeypatch):
    found = source({"m.csv": METRICS})
    monkeypatch.setattr("andon.connectors.files.times.TimeParser.text", lambda self, text: 1 // 0)
    result = found.metrics(ALL)
    assert result.status is Status.FAILED
    assert "ZeroDivisionError" in texts(result)[0]


def test_unknown_files_are_told(source):
    found = source({"m.csv": METRICS, "notes.md": "hello"})
    assert [problem.place for problem in found.info().problems] == ["notes.md"]
    assert found.metrics(ALL).status is Status.OK


NAMES = st.sampled_from(
    ["a.csv", "a.log", "a.json", "a.jsonl", "a.json.gz", "a.parquet", "a.dsl", "a", "incident.yaml"]
)
STARTS = st.sampled_from(
    [
        b"",
        METRICS.encode(),
        LOGS.encode(),
        b'{"resourceSpans":[',
        b'{"Records":[{',
        b"workspace {",
        b"\xff\xfe",
    ]
)


@given(st.dictionaries(NAMES, st.tuples(STARTS, st.binary(max_size=200)), max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_files_give_results(files):
    with tempfile.TemporaryDirectory() as name:
        for path, (start, rest) in files.items():
            (Path(name) / path).write_bytes(start + rest)
        try:
            found = FilesSource.open(Path(name))
        except (SourceError, ConfigError):
            return
        results = [
            found.metrics(ALL),
            found.logs(ALL),
            found.spans(ALL),
            found.changes(ALL),
            found.topology(),
        ]
        assert all(isinstance(result.status, Status) for result in results)
        assert found.info().name


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")
def test_recorded_incidents_of_others():
    for folder in sorted((DATA / "rootcausebench").iterdir()):
        if folder.is_dir():
            found = FilesSource.open(folder)
            results = [found.metrics(ALL), found.logs(ALL), found.spans(ALL), found.changes(ALL)]
            assert {result.status for result in results} == {Status.OK}, folder.name
            assert found.info().symptom


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")
def test_the_entry_of_the_pet_shop_calls_the_others():
    topology = FilesSource.open(DATA / "petshop" / "low_traffic").topology().value
    assert "PetSearch_AWS::ECS::Fargate" in topology.callees["PetSite"]
    assert "PetSite" not in topology.callees.get("PetSearch_AWS::ECS::Fargate", ())
