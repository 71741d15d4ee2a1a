"""A recording goes through the campaign benchmark: verdicts, wrong starts, others beside it, and the tale of a mistake."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from benchmarks.campaign_cases import measured_here
from benchmarks.campaign_records import OWN, Measured
from benchmarks.campaign_stories import story
from benchmarks.methods import anomaly_traversal, chance, n_sigma, place
from benchmarks.tables import Graph, Table, gathered

from andon.connectors.files import FilesSource
from andon.evaluation import Culprit, GroundTruth, judge
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from andon.telemetry import MetricSeries, Window

BUNDLES = Path(__file__).resolve().parents[1] / "fixtures" / "estate"


@pytest.fixture(scope="module")
def deploy() -> Measured:
    return measured_here(BUNDLES / "bad-deploy.zip")


def test_a_recording_is_judged_however_it_is_asked(deploy: Measured) -> None:
    assert not deploy.error
    assert {OWN, "given"} <= set(deploy.variants)
    assert deploy.verdict.right and deploy.verdict.grounded
    assert not deploy.story
    assert deploy.cpu > 0
    assert abs(deploy.onset_error or 0.0) < 30


def test_others_are_ranked_beside_it(deploy: Measured) -> None:
    assert {"N-Sigma (ours)", "anomaly traversal (ours)"} <= set(deploy.peers.places)
    assert 0 < deploy.peers.accepted < deploy.peers.components
    assert deploy.peers.places["N-Sigma (ours)"] > 0


def test_on_a_quiet_day_nothing_is_compared() -> None:
    quiet = measured_here(BUNDLES / "no-fault.zip")
    assert quiet.verdict.control
    assert bool(quiet.story) is quiet.verdict.false_culprit
    assert set(quiet.variants) == {OWN}
    assert quiet.peers.places == {}
    assert quiet.onset_error is None


def test_a_bundle_that_cannot_be_read_is_a_miss_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip file")
    truth = (BUNDLES / "bad-deploy.truth.json").read_text(encoding="utf-8")
    (tmp_path / "x.truth.json").write_text(truth, encoding="utf-8")
    found = measured_here(tmp_path / "x.zip")
    assert found.error.startswith("failed: ")
    assert found.verdict.abstained


def test_a_mistake_is_told_with_what_was_named_what_was_true_and_what_misled() -> None:
    source = FilesSource.open(BUNDLES / "bad-deploy.zip")
    info = source.info()
    report = investigate("test", Question(info.symptom), Toolbox([source], Ledger()), [info])
    truth = GroundTruth("leak", (Culprit(("subscriptionDb",), ("disk-full",), ("subscriptionDb",), "e-7"),))
    told = story("leak-1", truth, report, judge(truth, report.hypotheses))
    first = report.hypotheses[0]
    assert told.startswith("**leak-1.**")
    assert f"{first.mechanism} at {first.component}, by change {first.change}" in told
    assert f"likelihood {first.likelihood:.2f}" in told
    assert "disk-full at subscriptionDb by change e-7" in told
    assert "What spoke for it: " in told
    assert "\n" not in told


def series(service: str, name: str, values: list[float], **labels: str) -> MetricSeries:
    return MetricSeries(name, service, np.arange(len(values)) * 2.0, np.array(values), labels=labels)


def test_series_are_gathered_on_one_grid() -> None:
    late = MetricSeries("late", "b", np.array([3.0]), np.array([7.0]))
    table = gathered([series("a", "x", [1.0, 2.0, 3.0], to="b"), late], Window(0, 6), 2.0)
    assert table.columns == (("a", "x{to=b}", "value"), ("b", "late", "value"))
    assert table.values[:, 0].tolist() == [1.0, 2.0, 3.0]
    assert np.isnan(table.values[0, 1]) and table.values[1:, 1].tolist() == [7.0, 7.0]


class Case:
    """`a` calls `b`; both are disturbed in the incident, `b` more."""

    graph: ClassVar[Graph] = {"customer": ("a",), "a": ("b",), "b": ()}
    target = "customer"
    baseline, incident = Window(0, 40), Window(40, 60)

    @property
    def table(self) -> Table:
        steady = [1.0, 1.2] * 10
        return gathered(
            [series("a", "x", [*steady, *[4.0] * 10]), series("b", "x", [*steady, *[9.0] * 10])],
            Window(0, 60),
            2.0,
        )


def test_our_plain_methods_find_a_plain_cause() -> None:
    assert n_sigma(Case()) == ["b", "a"]
    assert anomaly_traversal(Case()) == ["b"]
    assert place("N-Sigma", n_sigma, Case(), {"a"}) == 2
    assert place("broken", lambda _: 1 / 0, Case(), {"a"}) == 0


def test_chance_is_that_of_drawing_without_putting_back() -> None:
    assert chance(1, 10, 1) == pytest.approx(0.1)
    assert chance(3, 10, 2) == pytest.approx(1 - (8 * 7 * 6) / (10 * 9 * 8))
    assert chance(3, 2, 1) == 1
