"""The door incident through a real Prometheus that scraped the living estate, and imitations of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.live_sources import QUESTION, Judged, judged
from benchmarks.live_stack import recorded

from andon.app import investigating
from andon.config import Settings
from andon.investigation.question import Question
from live.servers import installed

SEED = 621


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute and a half of the estate, the security group's rule removed in the middle."""
    installed("prometheus")
    folder = tmp_path_factory.mktemp("estate")
    return recorded("ingress-rule-removed", SEED, folder, baseline=45.0, incident=40.0, load=1.0)


@pytest.fixture(scope="module")
def found(recording: Path) -> Judged:
    return judged(recording)


def test_the_guilty_change_is_first_and_every_claim_holds(found: Judged) -> None:
    assert found.right, found.report.headline
    assert found.report.verified


def test_it_is_what_the_recorded_bundle_says(found: Judged, recording: Path, tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path / "andon.yaml")
    from_files = investigating.start(Question(QUESTION), [str(recording / "bundle.zip")], settings)
    live, held = found.report.hypotheses[0], from_files.hypotheses[0]
    assert (live.component, live.mechanism, live.change) == (held.component, held.mechanism, held.change)


def test_each_system_gave_something(found: Judged) -> None:
    assert {name for name, size in found.fetched.items() if size} == {
        "prometheus",
        "loki",
        "tempo",
        "cloudtrail",
    }
    signals = {evidence.signal for evidence in found.report.hypotheses[0].evidence if evidence.supports}
    assert {"logs", "changes"} <= signals and signals & {"metrics", "traces"}
