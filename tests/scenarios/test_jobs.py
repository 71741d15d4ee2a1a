"""A report does not depend on how many processes shared the work."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from andon.connectors.files import FilesSource, Limits
from andon.investigation import mining
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from andon.workers import Workers

BUNDLE = Path(__file__).resolve().parents[2] / "examples" / "door-unlock.zip"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("door-unlock")
    with zipfile.ZipFile(BUNDLE) as archive:
        archive.extractall(target)
    return target


def report_with(jobs, folder, monkeypatch):
    monkeypatch.setenv("ANDON_JOBS", str(jobs))
    monkeypatch.setattr(mining, "BATCH", 300)
    source = FilesSource.open(folder, Limits(part=100_000))
    info = source.info()
    ledger = Ledger()
    report = investigate("jobs", Question(info.symptom), Toolbox([source], ledger), [info])
    return replace(report, created=0.0), [(o.id, o.sha256, o.status, o.problems) for o in ledger]


def test_one_process_and_three_write_the_same_report(folder, monkeypatch):
    used = []
    real = Workers.__init__
    monkeypatch.setattr(Workers, "__init__", lambda self, jobs: used.append(jobs) or real(self, jobs))
    alone = report_with(1, folder, monkeypatch)
    assert set(used) == {1}
    used.clear()
    assert report_with(3, folder, monkeypatch) == alone
    assert used.count(3) >= 2
    assert alone[0].hypotheses
