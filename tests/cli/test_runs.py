"""What was found before: runs, show, verify, --continue, export and import, and an interruption."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from andon.storage import Ledger

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "examples" / "door-unlock.zip"


def test_no_runs(andon):
    outcome = andon("runs")
    assert (outcome.code, outcome.out) == (0, "")
    assert "no runs yet" in outcome.err
    assert andon("show").code == andon("verify").code == 6


def test_runs_show_and_verify(andon, found):
    (run,) = andon("runs", "--json").json
    assert (run["id"], run["state"], run["question"]) == (found["run"], "done", found["question"])
    assert found["run"] in andon("runs").out
    assert andon("show", "--json").json == found
    assert andon("show", found["run"][-4:], "--markdown").out.startswith("#")
    checked = andon("verify", "--json")
    assert checked.code == 0
    assert (checked.json["verified"], checked.json["claims"]) == (True, found["checked_claims"])
    assert checked.json["claims"] > 10
    assert andon("show", "nosuchrun").code == andon("verify", "nosuchrun").code == 6


def test_show_as_a_page(andon, found, tmp_path):
    outcome = andon("show", "--html", tmp_path / "r.html")
    assert (outcome.code, outcome.out) == (0, "")
    assert found["headline"] in (tmp_path / "r.html").read_text(encoding="utf-8")


def count_of(value):
    """Raises the first whole number of a content by one, wherever it stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        if type(item) is int:
            value[key] = item + 1
            return True
        if count_of(item):
            return True
    return False


def test_a_changed_observation_is_noticed(andon, found, tamper):
    cited = found["hypotheses"][0]["evidence"][1]["observations"][0]
    tamper(cited, lambda content: pytest.fail("no number in it") if not count_of(content) else None)
    outcome = andon("verify")
    assert outcome.code == 6
    assert "is not what was recorded" in " ".join(outcome.out.split())
    assert andon("verify", "--json").code == 6


def claim_of(report):
    return report["hypotheses"][0]["evidence"][1]


@pytest.mark.parametrize("also_its_binding", [False, True])
def test_a_changed_report_is_noticed(andon, found, tamper, also_its_binding):
    def edit(report):
        evidence = claim_of(report)
        old = evidence["bindings"]["new"]["text"]
        evidence["claim"] = evidence["claim"].replace(old, "7", 1)
        if also_its_binding:
            evidence["bindings"]["new"]["text"] = "7"

    assert claim_of(found)["bindings"]["new"]["text"] in claim_of(found)["claim"]
    tamper("report", edit)
    outcome = andon("verify")
    assert outcome.code == 6
    assert "1 fail" in outcome.out


def test_going_on_without_the_leader(andon, found):
    leader = found["hypotheses"][0]["component"]
    outcome = andon("investigate", "--continue", found["run"], "--exclude", leader, "--json")
    assert outcome.code == 0
    again = outcome.json
    assert leader not in {h["component"] for h in again["hypotheses"]}
    second = again["hypotheses"][0]["component"]
    assert again["run"] != found["run"] and again["question"] == found["question"]
    assert again["trail"] == [f"after {found['run']}; without {leader}"]
    assert sum(h["likelihood"] for h in again["hypotheses"]) + again["something_else"] == pytest.approx(1)
    third = andon("investigate", "--continue", again["run"], "--exclude", second, "--json").json
    assert {leader, second}.isdisjoint(h["component"] for h in third["hypotheses"])
    assert third["trail"] == [*again["trail"], f"after {again['run']}; without {second}"]
    assert len(andon("runs", "--json").json) == 3


def test_going_on_with_a_pin_an_also_and_a_period(andon, found):
    leader = found["hypotheses"][0]["component"]
    without = ("investigate", "--continue", found["run"], "--exclude", leader, "--json")
    second = andon(*without).json["hypotheses"][1]
    pinned = andon(*without, "--pin", second["component"]).json
    likelihoods = {h["component"]: h["likelihood"] for h in pinned["hypotheses"]}
    assert likelihoods[second["component"]] > second["likelihood"]
    felt = andon("investigate", "--continue", found["run"], "--also", "Android app", "--json").json
    assert felt["symptom"]["components"] == ["iosApp", "androidApp"]
    period = ("--from", "2026-11-21T05:19:05Z", "--to", "2026-11-21T05:19:30+00:00")
    moved = andon("investigate", "--continue", found["run"], *period, "--json").json
    assert moved["incident"] == {"start": 1795238345.0, "end": 1795238370.0}
    assert "incident 2026-11-21T05:19:05Z" in moved["trail"][0]


def test_going_on_without_the_sources(andon, tmp_path):
    bundle = tmp_path / "door.zip"
    shutil.copy(DOOR, bundle)
    first = andon("investigate", "-s", bundle, "--json").json
    bundle.unlink()
    outcome = andon("investigate", "--continue", first["run"], "--json")
    assert outcome.code == 0
    assert outcome.json["hypotheses"] == first["hypotheses"]
    assert outcome.json["verified"] is True
    redirected = andon("investigate", "--continue", first["run"], "--exclude", "rvmIngressIos", "--json")
    assert redirected.json["hypotheses"][0]["component"] != first["hypotheses"][0]["component"]


def test_a_run_moves_to_another_store(andon, found, tmp_path, monkeypatch):
    file = tmp_path / "run.zip"
    assert andon("export", found["run"], file).code == 0
    assert andon("export", found["run"], file).code == 6
    assert andon("import", file).code == 6
    monkeypatch.setenv("ANDON_HOME", str(tmp_path / "elsewhere"))
    assert andon("import", file).out == f"{found['run']}\n"
    assert andon("show", "--json").json == found
    assert andon("verify").code == 0
    outcome = andon("investigate", "--continue", "latest", "--exclude", "rvmIngressIos", "--json")
    assert outcome.code == 0
    assert outcome.json["hypotheses"][0]["component"] != "rvmIngressIos"


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_what_is_no_exported_run(andon, tmp_path, content):
    file = tmp_path / "x.zip"
    if content is not None:
        file.write_bytes(content)
    outcome = andon("import", file)
    assert outcome.code == 6
    assert "is no exported run" in outcome.err
    assert andon("import", DOOR).code == 6


def test_an_interrupted_run_can_go_on(andon, home, monkeypatch):
    from andon.app.runs import open_store
    from andon.config import load_settings

    record = Ledger.record

    def third_time(ledger, *args, **kwargs):
        if len(ledger) >= 3:
            raise KeyboardInterrupt
        return record(ledger, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "record", third_time)
        assert andon("investigate", "-s", DOOR).code == 130
    (run,) = andon("runs", "--json").json
    assert run["state"] == "interrupted"
    with open_store(load_settings()) as store:
        kept = [o.id for o in store.observations(run["id"])]
    assert len(kept) == 3
    assert andon("show", run["id"]).code == 6
    again = andon("investigate", "--continue", run["id"], "--json").json
    assert again["hypotheses"][0]["component"] == "rvmIngressIos"
    assert set(kept) <= {row["observation"] for row in again["coverage"]}
