from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

import numpy as np
import pytest

from andon.analysis.log_comparison import Change, LogComparison, LogFinding, compare, says_error
from andon.analysis.templates import mine
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Window

BASELINE, INCIDENT = Window(0, 3600), Window(3600, 4500)


def record(time: float, body: str, severity: int = INFO, service: str = "cart") -> LogRecord:
    return LogRecord(time, severity, service, body)


def every(seconds: float, window: Window, body: str, **about: object) -> list[LogRecord]:
    return [record(time, body, **about) for time in np.arange(window.start, window.end, seconds).tolist()]  # type: ignore[arg-type]


def comparison(records: Iterable[LogRecord], *, per_service: bool = True) -> LogComparison:
    logs = Logs.of(list(records))
    return compare(logs, mine(logs.bodies), BASELINE, INCIDENT, per_service=per_service)


def by_template(found: LogComparison) -> dict[str, LogFinding]:
    return {finding.template: finding for finding in found.findings}


@pytest.fixture
def found() -> LogComparison:
    return comparison(
        [
            *every(10, BASELINE, "served order 7"),
            *every(10, INCIDENT, "served order 8"),
            *every(20, BASELINE, "saved order 7"),
            *every(60, BASELINE, "checked stock"),
            *every(2, INCIDENT, "checked stock"),
            *every(5, BASELINE, "flushed cache"),
            *every(60, INCIDENT, "flushed cache"),
            record(3700, "lock was lost", severity=ERROR),
            record(3800, "banner changed"),
        ]
    )


def test_each_kind_of_change_is_told(found: LogComparison) -> None:
    findings = by_template(found)
    assert {text: finding.kind for text, finding in findings.items()} == {
        "served order <number>": Change.SAME,
        "saved order <number>": Change.VANISHED,
        "checked stock": Change.MORE,
        "flushed cache": Change.FEWER,
        "lock was lost": Change.NEW,
        "banner changed": Change.NEW,
    }


def test_a_new_error_comes_first_and_what_is_the_same_last(found: LogComparison) -> None:
    assert found.findings[0].template == "lock was lost"
    assert found.findings[0].error
    assert found.findings[-1].kind is Change.SAME


def test_counts_rates_and_bins_agree(found: LogComparison) -> None:
    assert found.baseline_bins + found.incident_bins == 60
    assert found.baseline_bins == 48
    for finding in found.findings:
        assert sum(finding.counts[: found.baseline_bins]) == finding.baseline_count
        assert sum(finding.counts[found.baseline_bins :]) == finding.incident_count
        assert finding.incident_rate == finding.incident_count / INCIDENT.seconds
    assert sum(f.baseline_count for f in found.findings) == found.baseline_records
    assert sum(f.incident_count for f in found.findings) == found.incident_records


def test_times_and_samples_point_at_records(found: LogComparison) -> None:
    stock = by_template(found)["checked stock"]
    assert (stock.first_seen, stock.last_seen) == (3600, 4498)
    assert len(stock.samples) == 3
    assert all(sample.text == "checked stock" and sample.time in INCIDENT for sample in stock.samples)
    vanished = by_template(found)["saved order <number>"]
    assert vanished.first_seen is None
    assert vanished.samples[0].text == "saved order 7"


def test_sample_indices_are_places_in_the_logs() -> None:
    logs = Logs.of(
        [record(-5, "before all"), record(5, "served"), record(3605, "served"), record(3606, "lost")]
    )
    found = compare(logs, mine(logs.bodies), BASELINE, INCIDENT)
    for finding in found.findings:
        for sample in finding.samples:
            assert logs.bodies[sample.index] == sample.text
            assert logs.times[sample.index] == sample.time
    assert {finding.template for finding in found.findings} == {"served", "lost"}


def test_a_statement_that_always_comes_in_bursts_is_not_changed() -> None:
    bursts = [record(start + i, "swept") for start in (500, 1500, 2600, 3900) for i in range(40)]
    finding = by_template(comparison(bursts))["swept"]
    assert finding.dispersion > 10
    assert finding.kind is Change.SAME


def test_services_are_told_apart_or_not() -> None:
    records = [*every(10, BASELINE, "served", service="cart"), *every(10, INCIDENT, "served", service="mail")]
    kinds = {f.service: f.kind for f in comparison(records).findings}
    assert kinds == {"cart": Change.VANISHED, "mail": Change.NEW}
    merged = comparison(records, per_service=False).findings
    assert [(f.service, f.kind) for f in merged] == [("", Change.SAME)]


def test_noise_alone_gives_no_discoveries() -> None:
    chance = np.random.default_rng(11)
    names = [f"{a}{b}" for a in "bcdfghklmn" for b in "aeiou"]
    records = [
        record(float(time), f"{name} done well")
        for name in names
        for time in chance.uniform(0, 4500, chance.integers(5, 80))
    ]
    assert not [f for f in comparison(records).findings if f.significant]


def test_no_records_no_findings() -> None:
    empty = comparison([])
    assert empty.findings == ()
    nothing = Logs.of([record(9000, "later")])
    assert compare(nothing, mine(nothing.bodies), BASELINE, INCIDENT).findings == ()


def test_an_empty_incident_window_gives_numbers_and_no_discovery() -> None:
    logs = Logs.of(every(10, BASELINE, "served"))
    found = compare(logs, mine(logs.bodies), BASELINE, Window(3600, 3600))
    assert found.findings[0].kind is Change.SAME
    assert found.findings[0].incident_rate == 0


def test_it_can_be_stored_as_json(found: LogComparison) -> None:
    stored = json.loads(json.dumps(asdict(found), allow_nan=False))
    assert stored["findings"][0]["kind"] == "new"


@pytest.mark.parametrize(
    "text",
    [
        "Connection refused",
        "request timed out",
        "OutOfMemoryError",
        "job FAILED",
        "NullPointerException at x",
    ],
)
def test_words_of_failure(text: str) -> None:
    assert says_error(text)


@pytest.mark.parametrize("text", ["served order", "terrors of the deep", "mirrored", "unfailing"])
def test_words_that_only_look_like_it(text: str) -> None:
    assert not says_error(text)


def test_parameters_that_changed_ride_along() -> None:
    found = comparison(
        [
            *(record(float(t), f"took {t % 40 + 1}ms") for t in range(0, 3600, 10)),
            *(record(float(t), f"took {t % 40 + 900}ms") for t in range(3600, 4500, 10)),
        ]
    )
    (finding,) = found.parameters
    assert (finding.template, finding.parameter, found.parameters_tested) == ("took <duration>", "1", 1)
    assert finding.value or finding.incident_median
