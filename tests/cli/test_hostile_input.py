"""Telemetry as it should not be: the command line ends with a report or a reason, and says what was lost."""

from __future__ import annotations

import json
import zipfile

import pytest

from andon.telemetry import isoformat

T = 1781864700
TIMES = range(T, T + 600, 10)
NASTY = "\x1b[31m\x07<script>alert(1)</script>"


def metrics(service="pay"):
    rows = (f'{t},"{service}",request_errors,{0 if t < T + 400 else 30 + t % 3}\n' for t in TIMES)
    return "time,service,metric,value\n" + "".join(rows)


def log(message="boom"):
    return "".join(
        f"{isoformat(t)} " + (f"ERROR {message}\n" if t >= T + 400 else "INFO ok\n") for t in TIMES
    )


def change(word="pay"):
    record = {"eventID": "c", "eventTime": isoformat(T + 395), "eventName": "UpdateService"}
    record |= {"eventSource": "ecs.amazonaws.com", "userIdentity": {"userName": word}}
    return json.dumps({"Records": [record | {"requestParameters": {"service": word}}]})


BASE = {"m.csv": metrics(), "pay.log": log(), "g.csv": "source,target\nweb,pay\n", "c.json": change()}
LOST = {
    "missing columns": {"n.csv": "time,foo\n1,2\n"},
    "half a JSON line": {"l.jsonl": f'{{"timestamp":{T},"service":"pay","message":"x"}}\n' * 9 + '{"timest'},
    "a long line": {"pay.log": log() + "2026-06-19T10:30:00Z ERROR " + "x" * 10_000_000},
    "mixed zones": {"pay.log": log() + "Jun 19 12:22:00 host pay: ERROR x\n"},
    "equal times": {"m.csv": metrics() + f"{T},pay,request_errors,5\n{T - 50},pay,request_errors,1\n"},
    "infinities": {"m.csv": metrics() + f"{T},pay,odd,inf\n{T + 9},pay,odd,NaN\n"},
}
WHOLE = {
    "UTF-16": {"pay.log": log().encode("utf-16")},
    "a cycle": {"g.csv": "source,target\nweb,pay\npay,db\ndb,web\npay,pay\n"},
    "two points": {"m.csv": f"time,service,metric,value\n{T},pay,err,1\n{T + 10},pay,err,9\n"},
}
NAMES = [
    "pay{x}",
    "{0.__class__}",
    "pay{",
    "a b/c",
    "支付",
    "[/red]pay",
    "pay'; x",
    "%s",
    "<script>alert(1)</script>",
]


@pytest.fixture
def investigated(andon, tmp_path):
    def run(files, *args):
        root = tmp_path / "bundle"
        root.mkdir()
        for name, content in files.items():
            (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return andon("investigate", "-s", root, "--html", tmp_path / "r.html", *args)

    return run


@pytest.mark.parametrize("files", [*LOST.values(), *WHOLE.values()], ids=[*LOST, *WHOLE])
def test_what_is_lost_is_said(investigated, files):
    outcome = investigated(BASE | files, "--json")
    assert outcome.code == 0
    statuses = {row["status"] for row in outcome.json["coverage"]}
    assert ("partial" in statuses) == (files in LOST.values())


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_a_name(andon, investigated, name):
    graph = f'source,target\nweb,"{name}"\n'
    files = {"m.csv": metrics(name), "g.csv": graph, "c.json": change(name)}
    report = investigated(files, "--json").json
    assert report["hypotheses"][0]["name"] == name
    assert report["verified"] and not report["dropped_claims"]
    assert andon("verify").code == 0


def test_nothing_steers_the_terminal_or_the_page(investigated, tmp_path):
    outcome = investigated(BASE | {"pay.log": log(NASTY), "c.json": change(NASTY)})
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert outcome.code == 0 and "alert(1)" in outcome.out and "alert(1)" in page
    assert "\x1b" not in outcome.out + page and "\x07" not in outcome.out + page
    assert "<script>alert" not in page


def test_a_zip_stays_in_its_folder(andon, tmp_path):
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as bundle:
        bundle.writestr("../../climbed.log", log())
        bundle.writestr("m.csv", metrics())
    assert andon("investigate", "-s", tmp_path / "b.zip").code == 0
    assert not list(tmp_path.parent.glob("climbed*")) and not list(tmp_path.rglob("climbed*"))
