from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.signals import SignalKind, signal_kind, statistic, words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HTTPServerErrors_5xx", ("http", "server", "errors", "5xx")),
        ("http_request_duration_seconds", ("http", "request", "duration", "seconds")),
        ("http.server.request.duration", ("http", "server", "request", "duration")),
        ("CPUUtilization", ("cpu", "utilization")),
        ("latency_p99", ("latency", "p99")),
        ("", ()),
        ("…", ()),
    ],
)
def test_words(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected


@pytest.mark.parametrize(
    ("name", "unit", "kind"),
    [
        ("http_request_duration_seconds", "s", SignalKind.LATENCY),
        ("http.server.duration", "ms", SignalKind.LATENCY),
        ("processing", "ms", SignalKind.LATENCY),
        ("http_requests_total", "", SignalKind.REQUESTS),
        ("http_requests_failed_total", "", SignalKind.ERRORS),
        ("HTTPCode_Target_5XX_Count", "", SignalKind.ERRORS),
        ("success_rate", "%", SignalKind.AVAILABILITY),
        ("up", "", SignalKind.AVAILABILITY),
        ("messages_delivered", "", SignalKind.SUCCESSES),
        ("CPUUtilization", "%", SignalKind.SATURATION),
        ("queue_depth", "", SignalKind.SATURATION),
        ("temperature", "Cel", SignalKind.OTHER),
    ],
)
def test_kind_by_name_and_unit(name: str, unit: str, kind: SignalKind) -> None:
    assert signal_kind(name, unit) is kind


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        ({"status": "error"}, SignalKind.ERRORS),
        ({"code": "503"}, SignalKind.ERRORS),
        ({"code": "200"}, SignalKind.SUCCESSES),
        ({"outcome": "Success"}, SignalKind.SUCCESSES),
        ({"region": "error"}, SignalKind.REQUESTS),
        ({}, SignalKind.REQUESTS),
    ],
)
def test_an_outcome_label_decides_what_requests_are(labels: dict[str, str], kind: SignalKind) -> None:
    assert signal_kind("http_requests_total", "", labels) is kind


def test_an_outcome_label_does_not_turn_latency_into_errors() -> None:
    assert signal_kind("request_duration", "s", {"status": "error"}) is SignalKind.LATENCY


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("latency_p99", {}, "p99"),
        ("latency_avg", {}, "mean"),
        ("latency", {"quantile": "0.95"}, "p95"),
        ("latency", {"stat": "Average"}, "mean"),
        ("latency", {"statistic": "P50"}, "p50"),
        ("latency", {"quantile": "0.nonsense"}, ""),
        ("latency", {}, ""),
    ],
)
def test_statistic(name: str, labels: dict[str, str], expected: str) -> None:
    assert statistic(name, labels) == expected


@given(
    st.text(max_size=60),
    st.text(max_size=4),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
)
def test_any_text_has_a_kind(name: str, unit: str, labels: dict[str, str]) -> None:
    assert signal_kind(name, unit, labels) in SignalKind
    assert isinstance(statistic(name, labels), str)
    assert all(word == word.lower() and word for word in words(name))


@pytest.mark.parametrize("label", ["quantile", "stat", "statistic"])
@given(st.text("0123456789.²٣", max_size=6))
def test_any_quantile_is_taken(label: str, text: str) -> None:
    assert isinstance(statistic("latency", {label: text}), str)
