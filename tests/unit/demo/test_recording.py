from __future__ import annotations

import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from andon.demo import recording
from andon.demo.faults import FAULTS, Call, Change
from andon.demo.receiver import SIGNALS
from andon.demo.work_orders import Maintenance, WorkOrder
from andon.errors import AndonError, UsageError


class StillEstate:
    """Does nothing, and remembers what it was asked."""

    failures: tuple[AndonError, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.performed: list[Change] = []
        self.called: list[Call] = []
        self.trail = SimpleNamespace(read=lambda: [{"eventName": "AssumeRole"}])
        for signal in SIGNALS:
            (folder / f"{signal}.otlp.jsonl").write_text("{}\n")

    def __enter__(self) -> StillEstate:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True

    def start(self, seed: int) -> None:
        self.seed = seed

    def forget(self) -> None:
        pass

    def perform(self, change: Change) -> list[str]:
        self.performed.append(change)
        return [f"event-{len(self.performed)}-{i}" for i, _ in enumerate(change.calls)]

    def call(self, call: Call) -> None:
        self.called.append(call)

    def settle(self) -> Path:
        return self._folder


@pytest.fixture
def estate(tmp_path, monkeypatch) -> StillEstate:
    folder = tmp_path / "telemetry"
    folder.mkdir()
    estate = StillEstate(folder)
    monkeypatch.setattr(recording, "Estate", lambda **_: estate)
    monkeypatch.setattr(recording, "_ticks", lambda seconds: iter([0, seconds / 2, seconds]))
    return estate


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_bundle_holds_what_was_seen_and_not_what_was_done(estate, tmp_path, fault):
    made = recording.run_fault(fault, 5, tmp_path / "out" / "run.zip")
    with zipfile.ZipFile(made.bundle) as bundle:
        names = set(bundle.namelist())
        incident = bundle.read("incident.yaml").decode()
        trail = json.loads(bundle.read("cloudtrail.json"))
    listed = yaml.safe_load(incident)["files"]
    assert names == {entry["path"] for entry in listed} | {"incident.yaml"}
    assert {entry["signal"] for entry in listed} == {"metrics", "logs", "traces", "changes", "topology"}
    assert trail == {"Records": [{"eventName": "AssumeRole"}]}
    assert made.truth_file == tmp_path / "out" / "run.truth.json"
    if not FAULTS[fault].control:
        assert fault not in incident
    for culprit in made.truth.culprits:
        assert not any(component in incident for component in culprit.components)


def test_the_truth_names_the_change_and_the_decoys(estate, tmp_path):
    made = recording.run_fault("bad-deploy", 5, tmp_path / "run.zip")
    truth = json.loads(made.truth_file.read_text())
    place = next(
        i for i, change in enumerate(estate.performed, 1) if len(change.calls) == 2 and _broken(change)
    )
    (culprit,) = truth["culprits"]
    assert culprit["change"] == f"event-{place}-1"
    assert culprit["mechanisms"] == ["bad-deploy"]
    assert culprit["components"] == culprit["path"][:1]
    assert truth["recorded"][0] <= culprit["injected"] <= truth["recorded"][1]
    assert len(truth["decoys"]) == len(estate.performed) - 1
    assert estate.ended


def _broken(change: Change) -> bool:
    image = str(change.calls[0].parameters.get("containerDefinitions"))
    return any(release in image for release in (":2.8.0", ":5.3.0", ":3.9.0"))


def test_closed_work_orders_lie_in_the_bundle_as_changes(estate, tmp_path):
    order = WorkOrder("WO-104001", "P-101", "inspection", "No findings", "m.keller")
    Maintenance(tmp_path).close(order)
    made = recording.run_fault("plant-quiet", 5, tmp_path / "run.zip")
    with zipfile.ZipFile(made.bundle) as bundle:
        listed = yaml.safe_load(bundle.read("incident.yaml"))["files"]
        (kept,) = json.loads(bundle.read("work-orders.json"))
    assert kept["number"] == "WO-104001"
    assert {"path": "work-orders.json", "signal": "changes", "format": "work-orders"} in listed


def test_progress_goes_through_the_phases(estate, tmp_path):
    seen: list[recording.Progress] = []
    recording.run_fault("ingress-rule-removed", 5, tmp_path / "run.zip", on_event=seen.append)
    assert list(dict.fromkeys(progress.phase for progress in seen)) == [
        "starting",
        "warm-up",
        "baseline",
        "incident",
        "stopping",
    ]
    assert any(progress.text == "RevokeSecurityGroupIngress on rvmIngressIos" for progress in seen)


def test_a_deployment_that_does_not_come_up_fails_the_run(estate, tmp_path):
    estate.failures = (AndonError("auth-service of the demo estate did not start"),)
    with pytest.raises(AndonError, match="did not start"):
        recording.run_fault("none", 5, tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def test_an_unknown_fault_starts_nothing(estate, tmp_path):
    with pytest.raises(UsageError):
        recording.run_fault("meteor", 5, tmp_path / "run.zip")
    assert not hasattr(estate, "seed")
