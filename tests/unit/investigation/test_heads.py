from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest

from andon.investigation.engine import investigate
from andon.investigation.heads import surprise_of
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from andon.telemetry import ERROR, INFO, LogRecord, Logs, MetricSeries, Span, SpanKind, Window
from andon.testing import MemorySource

BASELINE, INCIDENT = Window(0, 3600), Window(3600, 3840)
SERVICES = ("gateway", "orders", "prices", "stock")


def trace(
    t: int, *, branch: bool, silent: bool, way: Mapping[str, float]
) -> tuple[list[Span], list[LogRecord]]:
    """gateway calls orders, orders calls prices and stock; `way` is time that is lost between orders and a callee."""
    jitter, spans, records = 1 + 0.2 * math.sin(5.0 * t), [], []
    at = float(t)
    for name in ("prices", "stock"):
        work = 0.02 * jitter
        waited = work + 0.004 * jitter + way.get(name, 0.0)
        spans.append(
            Span(f"{t}", f"c-{name}", "o", "orders", "HTTP GET", SpanKind.UNSPECIFIED, at, waited, False)
        )
        spans.append(
            Span(f"{t}", f"s-{name}", f"c-{name}", name, "/one", SpanKind.UNSPECIFIED, at, work, False)
        )
        if not (silent and name == "prices"):
            wrong = branch and name == "prices"
            text = f"no {name} known for item {t}" if wrong else f"looked up {name} of item {t}"
            records.append(LogRecord(at, ERROR if wrong else INFO, name, text, f"{t}"))
        at += waited
    whole = at - t + 0.02 * jitter
    spans += [
        Span(f"{t}", "g", "", "gateway", "/*", SpanKind.UNSPECIFIED, float(t), whole + 0.01, False),
        Span(
            f"{t}",
            "c",
            "g",
            "gateway",
            "HTTP GET",
            SpanKind.UNSPECIFIED,
            float(t),
            whole + 0.004 * jitter,
            False,
        ),
        Span(f"{t}", "o", "c", "orders", "/orders", SpanKind.UNSPECIFIED, float(t), whole, False),
    ]
    return spans, records


def cpu(service: str, busy: bool) -> MetricSeries:
    times = np.arange(0.0, 3840.0, 60.0)
    values = 3 + np.sin(times / 77 + len(service))
    return MetricSeries("cpu_usage", service, times, np.where((times >= 3600) & busy, 97.0, values))


def report(
    *,
    branch: bool = False,
    every: int = 1,
    silent: bool = False,
    way: Mapping[str, float] = {},
    busy: str = "",
    stated: bool = True,
) -> Report:
    """What is found of a fault that one in `every` requests meets."""
    spans: list[Span] = []
    records: list[LogRecord] = []
    for t in range(0, 3840, 12):
        now = t >= 3600
        more, said = trace(
            t, branch=branch and now and t // 12 % every == 0, silent=silent and now, way=way if now else {}
        )
        spans += more
        records += said
    series = [cpu(service, service == busy) for service in SERVICES]
    source = MemorySource(series=series, log_records=Logs.of(records), span_list=spans)
    incident = INCIDENT if stated else None
    question = Question("It misbehaves", components=("gateway",), baseline=BASELINE, incident=incident)
    return investigate("test", question, Toolbox([source], Ledger()), [source.info()])


def named(found: Report) -> list[str]:
    return [hypothesis.name for hypothesis in found.hypotheses]


def test_a_quiet_time_names_nobody() -> None:
    assert named(report()) == []


@pytest.mark.parametrize(
    ("changes", "culprit", "words"),
    [
        ({"branch": True}, "prices", "in 0 of 300 before"),
        ({"silent": True}, "prices", "in 300 of 300 before"),
        ({"way": {"stock": 0.05}}, "stock", "between the two"),
        ({"busy": "stock"}, "stock", "cpu_usage of stock rose"),
    ],
)
def test_each_head_names_the_component_that_it_speaks_of(changes: dict, culprit: str, words: str) -> None:
    found = report(**changes)
    assert named(found)[:1] == [culprit]
    assert any(words in evidence.claim for evidence in found.hypotheses[0].evidence)
    assert not found.dropped_claims


def test_surprise_grows_with_distance_and_chance_is_no_surprise() -> None:
    assert surprise_of(0.0) == 0.0
    assert 0 < surprise_of(4.0) < surprise_of(6.0) < surprise_of(60.0)


def test_of_a_stated_incident_what_comes_nearest_is_told_and_not_named() -> None:
    found = report(branch=True, every=20)
    assert not found.symptom.abnormal
    assert named(found) == ["prices"]
    assert found.hypotheses[0].likelihood < 0.25
    assert found.headline == "Nothing is abnormal at gateway beyond chance. prices comes nearest to it."
    assert named(report(branch=True, every=20, stated=False)) == []


def test_a_service_that_lacks_a_processor_is_not_taken_for_a_slow_network() -> None:
    found = report(way={"stock": 0.05}, busy="stock")
    assert (found.hypotheses[0].name, found.hypotheses[0].mechanism) == ("stock", "resource-exhaustion")
