"""`andon investigate` on the recorded faults: the report in each of its forms, and every exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "examples" / "door-unlock.zip"
ESTATE = ROOT / "tests" / "fixtures" / "estate"
BUNDLES = (DOOR, ESTATE / "bad-deploy.zip", ESTATE / "database-password.zip")


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.stem)
def test_the_first_hypothesis_is_what_was_broken(andon, bundle):
    (culprit,) = json.loads(bundle.with_suffix(".truth.json").read_text())["culprits"]
    outcome = andon("investigate", "-s", bundle, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    report = outcome.json
    first = report["hypotheses"][0]
    assert first["component"] in culprit["components"]
    assert first["mechanism"] in culprit["mechanisms"]
    assert first["change"] == culprit["change"]
    assert first["likelihood"] == max(h["likelihood"] for h in report["hypotheses"])
    total = sum(h["likelihood"] for h in report["hypotheses"]) + report["something_else"]
    assert total == pytest.approx(1)


def test_the_json_has_what_consumers_rely_on(found):
    assert found["verified"] is True
    assert found["symptom"]["kind"] == "unavailable"
    assert found["symptom"]["components"] == ["iosApp"]
    assert 0 < found["something_else"] < 1
    asked = {row["observation"] for row in found["coverage"]}
    assert {row["status"] for row in found["coverage"]} <= {
        "ok", "empty", "partial", "truncated", "denied", "failed",
    }  # fmt: skip
    for hypothesis in found["hypotheses"]:
        assert hypothesis["statement"]
        assert hypothesis["change"] is None or hypothesis["change"]
        assert 0 < hypothesis["likelihood"] < 1
        assert hypothesis["evidence"]
        for evidence in hypothesis["evidence"]:
            assert evidence["claim"] and isinstance(evidence["supports"], bool)
            assert evidence["observations"] and set(evidence["observations"]) <= asked


def test_without_a_fault_no_cause_is_named(andon):
    outcome = andon("investigate", "-s", ESTATE / "no-fault.zip", "--json", "--fail-if-inconclusive")
    assert outcome.code == 10
    report, _ = json.JSONDecoder().raw_decode(outcome.out)
    assert (report["hypotheses"], report["something_else"]) == ([], 1)
    assert andon("investigate", "-s", ESTATE / "no-fault.zip").code == 0


def test_plain_text_is_plain_and_narrow(andon):
    outcome = andon("investigate", "-s", DOOR)
    assert outcome.code == 0
    assert "rvm-api-from-ios" in outcome.out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", outcome.out)
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_html_and_markdown(andon, tmp_path):
    outcome = andon("investigate", "-s", DOOR, "--markdown", "--html", tmp_path / "r.html")
    assert outcome.code == 0
    assert outcome.out.startswith("#") and "rvm-api-from-ios" in outcome.out
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>") and "rvm-api-from-ios" in page
    assert not re.search(r"""(src|href)=["']?https?://""", page)


def test_a_page_that_cannot_be_written_keeps_the_run(andon, tmp_path):
    outcome = andon("investigate", "-s", DOOR, "--html", tmp_path / "no" / "r.html")
    assert outcome.code == 2
    assert "cannot write" in outcome.err and "Traceback" not in outcome.err
    assert [run["state"] for run in andon("runs", "--json").json] == ["done"]


def test_a_named_source(andon, tmp_path):
    Path("andon.yaml").write_text(f"sources:\n  plant:\n    path: {DOOR}\n")
    assert andon("investigate", "-s", "plant", "--json").json["hypotheses"][0]["component"] == "rvmIngressIos"


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ([], 2, "nothing to look at"),
        (["-s", DOOR, "--component", "nobody"], 2, "no component 'nobody'"),
        (["-s", DOOR, "--symptom", "sad"], 2, "unknown symptom"),
        (["-s", DOOR, "--from", "yesterday"], 2, "is no time"),
        (["-s", DOOR, "--to", "2026-11-21T05:19:00Z"], 2, "--to needs --from"),
        (["-s", DOOR, "--from", "2026-11-21T06", "--to", "2026-11-21T05"], 2, "before it starts"),
        (["--no-such-option"], 2, "No such option"),
        (["-s", "nowhere"], 3, "neither a folder"),
        (["--continue", "20200101"], 6, "no run match"),
    ],
)
def test_exit_codes(andon, args, code, said):
    outcome = andon("investigate", *args)
    assert outcome.code == code
    assert said in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("text", ["sources: [", "sources: 3", "models: {}", "sources: {a: {url: x}}", "\x00"])
def test_a_wrong_andon_yaml(andon, text):
    Path("andon.yaml").write_text(text)
    outcome = andon("investigate", "-s", DOOR)
    assert outcome.code == 3
    assert "andon.yaml" in outcome.err


@pytest.mark.parametrize(
    "text", ["version: 7", "files: {", "files: [{path: x}]", "incident: {from: x, to: y}"]
)
def test_a_wrong_incident_yaml(andon, tmp_path, text):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "incident.yaml").write_text(text)
    (tmp_path / "b" / "pay.log").write_text("2026-06-19T10:25:00Z ERROR boom\n")
    outcome = andon("investigate", "-s", tmp_path / "b")
    assert outcome.code == 3
    assert "incident.yaml" in outcome.err


@pytest.mark.parametrize(
    "files", [{}, {"a.bin": b"\x00\x01\x02" * 99}, {"note.txt": b"hello"}, {"e.log": b""}]
)
def test_nothing_to_read(andon, tmp_path, files):
    (tmp_path / "b").mkdir()
    for name, content in files.items():
        (tmp_path / "b" / name).write_bytes(content)
    outcome = andon("investigate", "-s", tmp_path / "b")
    assert outcome.code == 4
    assert outcome.err.startswith("andon: ") and "hint: " in outcome.err


def test_errors_as_json(andon):
    outcome = andon("investigate", "-s", "nowhere", "--json")
    assert (outcome.code, outcome.json["exit_code"]) == (3, 3)
    assert outcome.json["hint"]


@pytest.mark.parametrize(("args", "code"), [(["--version"], 0), (["--help"], 0), (["verify"], 6)])
def test_the_installed_command(home, args, code):
    command = Path(sys.executable).with_name("andon")
    done = subprocess.run([command, *args], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_gone_does_not_stop_the_others(andon, home):
    Path("andon.yaml").write_text(f"sources:\n  door: {{path: {DOOR}}}\n  gone: {{path: ./gone}}\n")
    report = andon("investigate", "--json").json
    assert report["hypotheses"][0]["component"] == "rvmIngressIos"
    (row, *_) = [row for row in report["coverage"] if row["source"] == "gone"]
    assert row["status"] == "failed" and "there is no such folder" in row["note"]
    alone = andon("investigate", "x", "-s", "gone")
    assert alone.code == 4 and "there is no such folder" in alone.err


def test_a_run_goes_on_with_its_own_time(andon, found):
    told = andon("investigate", "--continue", "latest", "--last", "5m")
    assert told.code == 2 and "its own time" in told.err
