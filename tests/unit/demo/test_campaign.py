from __future__ import annotations

import json
from collections import Counter
from types import SimpleNamespace

import pytest

from andon.demo import campaign
from andon.demo.campaign import Case, plan_cases, record_campaign
from andon.demo.faults import FAULTS
from andon.errors import AndonError


def test_every_fault_has_its_turn_and_a_third_of_the_rounds_is_for_development():
    cases = plan_cases(9 * len(FAULTS), seed=7)
    assert Counter(case.fault for case in cases) == dict.fromkeys(FAULTS, 9)
    assert Counter(case.part for case in cases) == {
        "development": 3 * len(FAULTS),
        "unseen": 6 * len(FAULTS),
    }
    parts = {case.seed: case.part for case in cases}
    assert all(parts[case.seed] == case.part for case in cases)


def test_campaigns_with_different_seeds_share_no_case():
    first, second = (set(plan_cases(200, seed=s)) for s in (1, 2))
    assert not {c.seed for c in first} & {c.seed for c in second}


@pytest.fixture
def commands(monkeypatch):
    """Runs nothing: writes the files that a recording would leave; cases with an odd seed fail."""
    ran = []

    def run(command, **_):
        ran.append(command)
        seed, bundle = int(command[command.index("--seed") + 1]), command[-1]
        if seed % 2:
            return SimpleNamespace(returncode=1, stderr="starting\nno port is free\n")
        with open(bundle.replace(".zip", ".truth.json"), "w") as truth:
            truth.write("{}")
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(campaign.subprocess, "run", run)
    monkeypatch.setattr(campaign, "_START_SECONDS", 0.0)
    return ran


def test_what_is_recorded_is_indexed_and_not_recorded_again(tmp_path, commands):
    cases = (Case("none", 2, "development"), Case("none", 3, "unseen"), Case("none", 4, "unseen"))
    told = []
    failed = record_campaign(
        cases, tmp_path, jobs=2, on_done=lambda case, _, error: told.append((case, error))
    )
    assert failed == (cases[1],)
    assert sorted((c.seed, e) for c, e in told) == [(2, ""), (3, "no port is free"), (4, "")]
    index = json.loads((tmp_path / "campaign.json").read_text())["cases"]
    assert [(c["seed"], c["part"]) for c in index] == [(2, "development"), (4, "unseen")]
    del commands[:]
    record_campaign(cases[1:2], tmp_path)
    assert json.loads((tmp_path / "campaign.json").read_text())["cases"] == index
    assert [command[command.index("--seed") + 1] for command in commands] == ["3", "3"]


def test_a_campaign_without_a_single_recording_is_an_error(tmp_path, commands):
    with pytest.raises(AndonError, match="no case"):
        record_campaign((Case("none", 1, "unseen"),), tmp_path)


def test_an_estate_that_hangs_is_given_up(tmp_path, monkeypatch):
    def run(command, **_):
        raise campaign.subprocess.TimeoutExpired(command, 600)

    monkeypatch.setattr(campaign.subprocess, "run", run)
    told = []
    with pytest.raises(AndonError):
        record_campaign((Case("none", 1, "unseen"),), tmp_path, on_done=lambda *d: told.append(d[2]))
    assert told == ["gave up after ten minutes"]
