"""The scoring of the Numenta Anomaly Benchmark against what the benchmark itself has published."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.figures import DATA
from benchmarks.nab_files import read_files
from benchmarks.nab_peers import PUBLISHED, windowed_gaussian
from benchmarks.nab_scoring import PROFILES, Labelled, file_score, normalised, optimise, row_scores

STANDARD, LOW_FP, LOW_FN = PROFILES
NETWORK = Labelled("iio_us-east-1_i-a2eb1cd9_NetworkIn", 1243, ((218, 280), (308, 370)))
"""A file of two windows."""
WORTH = {
    100: -0.11,
    217: -0.11,
    218: 1.0,
    219: 0.9988874626029411,
    262: 0.6461596931430065,
    280: 0.040199826265601785,
    281: -0.004433081533402593,
    307: -0.08760473821544514,
    308: 1.0,
    370: 0.040199826265601785,
    371: -0.004433081533402593,
    407: -0.0994048283921112,
    427: -0.10780360024067727,
}
"""What the benchmark publishes an alarm at a row of that file to be worth, by the standard profile."""


def at(file: Labelled, *rows: int) -> np.ndarray:
    return np.isin(np.arange(file.rows), rows)


def test_rows_are_worth_what_is_published() -> None:
    worth, _ = row_scores(NETWORK, STANDARD)
    for row, published in WORTH.items():
        assert worth[row] == pytest.approx(published, abs=1e-12), row


def test_the_other_profiles_weigh_false_alarms_and_misses() -> None:
    assert row_scores(NETWORK, LOW_FP)[0][281] == pytest.approx(-0.008866163066805186, abs=1e-12)
    assert row_scores(NETWORK, LOW_FN)[0][281] == pytest.approx(-0.004433081533402593, abs=1e-12)
    assert file_score(NETWORK, at(NETWORK), LOW_FN) == -4


def test_the_first_rows_are_not_scored_and_at_most_750() -> None:
    assert NETWORK.probation == 186
    assert Labelled("long", 22_695, ()).probation == 750
    assert file_score(NETWORK, at(NETWORK, 0, 185), STANDARD) == -2
    assert file_score(NETWORK, at(NETWORK, 186), STANDARD) == pytest.approx(-2.11)


def test_only_the_earliest_alarm_in_a_window_counts() -> None:
    early = file_score(NETWORK, at(NETWORK, 219), STANDARD)
    assert file_score(NETWORK, at(NETWORK, 219, 230, 270), STANDARD) == early
    assert file_score(NETWORK, at(NETWORK, 218, 308), STANDARD) == 2


def test_published_counts_of_false_alarms_add_up() -> None:
    """The published score of -2.33 for three false alarms, none of them near behind a window."""
    assert file_score(NETWORK, at(NETWORK, 202, 1000, 1200), STANDARD) == pytest.approx(-2.33, abs=1e-4)


def test_a_window_in_the_first_rows_counts_for_nothing() -> None:
    file = Labelled("early", 1000, ((50, 100), (500, 600)))
    assert file_score(file, at(file, 50), STANDARD) == -1


def test_null_is_0_and_perfect_is_100() -> None:
    for profile in PROFILES:
        files = [NETWORK, Labelled("quiet", 500, ())]
        null = sum(file_score(file, at(file), profile) for file in files)
        perfect = file_score(NETWORK, at(NETWORK, 218, 308), profile)
        assert normalised(null, files, profile) == 0
        assert normalised(perfect, files, profile) == pytest.approx(100)


def test_published_totals_are_normalised_as_published() -> None:
    """The sum of 58 files with 116 windows, and the score that is published for it."""
    all_files = [Labelled("all", 365_558, tuple((row, row + 1) for row in range(1000, 1116)))]
    for total, score in ((57.66075157860637, 74.85377), (46.167000006791156, 69.89957), (-116.0, 0.0)):
        assert normalised(total, all_files, STANDARD) == pytest.approx(score, abs=1e-4)
    assert normalised(35.1572804170157, all_files, LOW_FP) == pytest.approx(65.154, abs=1e-3)
    assert normalised(47.66075157860638, all_files, LOW_FN) == pytest.approx(80.36228, abs=1e-4)


def test_the_threshold_is_the_best_of_all() -> None:
    chance = np.random.default_rng(1)
    files = [
        (NETWORK, np.round(chance.uniform(0, 1, NETWORK.rows), 2)),
        (Labelled("other", 800, ((300, 379),)), np.round(chance.uniform(0, 1, 800), 2)),
    ]
    for profile in PROFILES:
        found = optimise(files, profile)
        tried = [
            sum(file_score(file, scores >= threshold, profile) for file, scores in files)
            for threshold in np.append(np.unique(np.concatenate([s for _, s in files])), 1.1)
        ]
        assert found.total == pytest.approx(max(tried))
        assert found.total == pytest.approx(sum(found.files.values()))


def test_no_alarm_at_all_may_be_best() -> None:
    file = Labelled("quiet", 500, ())
    found = optimise([(file, np.linspace(0, 1, 500))], STANDARD)
    assert (found.total, found.threshold > 1) == (0, True)


@pytest.mark.skipif(not (DATA / "nab").is_dir(), reason="the benchmark's data are not here")
def test_a_published_detector_gets_its_published_scores() -> None:
    """The windowed Gaussian, on the files that its window holds whole."""
    checked = 0
    for file in read_files(DATA / "nab"):
        if file.labelled.rows > 4032:
            continue
        alarms = windowed_gaussian(file.times, file.values) >= 1.0
        published = PUBLISHED[file.labelled.name][0]
        assert file_score(file.labelled, alarms, STANDARD) == pytest.approx(published, abs=1e-5), (
            file.labelled.name
        )
        checked += 1
    assert checked == 21
