from __future__ import annotations

import numpy as np
import pytest

from andon.connectors import Reading, Session, Signal
from andon.connectors.joined import JoinedSource
from andon.telemetry import (
    ChangeEvent,
    ChangeKind,
    LogRecord,
    Logs,
    MetricSeries,
    Span,
    SpanKind,
    Status,
    Window,
)
from andon.testing import MemoryConnector, MemorySource

LOOK = Window(1000.0, 2000.0)


def series(service: str, name: str = "requests") -> MetricSeries:
    times = np.arange(1000.0, 2000.0, 10.0)
    return MetricSeries(name, service, times, np.ones_like(times))


def held(*services: str) -> MemorySource:
    return MemorySource(
        series=[series(s) for s in services],
        log_records=Logs.of([LogRecord(1500.0, 9, s, f"{s} says hello") for s in services]),
        span_list=[Span("t", s, "", s, "GET /", SpanKind.SERVER, 1500.0, 0.1, False) for s in services],
        events=[ChangeEvent(s, 1400.0, ChangeKind.DEPLOY, "Deploy", s) for s in services],
    )


@pytest.fixture
def two():
    parts = MemoryConnector("left", held("a", "b")), MemoryConnector("right", held("c"))
    yield parts
    for part in parts:
        part.session.close()


def test_answers_are_put_together_in_order_of_time(two):
    source = JoinedSource(two, LOOK)
    assert source.name == "left, right"
    assert [s.service for s in source.metrics(LOOK).value] == ["a", "b", "c"]
    assert source.logs(LOOK).count == 3
    assert {source.spans(LOOK).value[i].service for i in range(3)} == {"a", "b", "c"}
    assert [event.target for event in source.changes(LOOK).value] == ["a", "b", "c"]
    assert source.services(LOOK) == {"a", "b", "c"}


def test_a_window_inside_is_cut_and_not_fetched_again(two):
    source = JoinedSource(two, LOOK)
    source.metrics(LOOK)
    asked = len(two[0].needs)
    cut = source.metrics(Window(1000.0, 1100.0))
    assert {len(s.times) for s in cut.value} == {10}
    assert source.logs(Window(1000.0, 1100.0)).status is Status.EMPTY
    assert len(two[0].needs) == asked


def test_narrowing_asks_again_for_what_is_narrowed(two):
    source = JoinedSource(two, LOOK)
    source.narrow((), 4_000)
    source.spans(LOOK)
    source.narrow(["b"], 4_000)
    assert [s.service for s in source.metrics(LOOK).value] == ["b"]
    assert source.spans(LOOK).count == 3
    spans = [need for signal, need in two[0].needs if signal is Signal.TRACES]
    assert len(spans) == 1
    source.narrow((), 20_000)
    assert len(source.metrics(LOOK).value) == 3
    assert source.spans(LOOK).count == 3
    spans = [need for signal, need in two[0].needs if signal is Signal.TRACES]
    assert [need.items for need in spans] == [4_000, 20_000]


def test_a_dead_part_does_not_take_the_others_with_it(two):
    two[1].failing[Signal.METRICS] = Status.FAILED
    result = JoinedSource(two, LOOK).metrics(LOOK)
    assert result.status is Status.PARTIAL
    assert [s.service for s in result.value] == ["a", "b"]
    assert [str(problem) for problem in result.problems] == ["right: does not answer"]


def test_where_all_parts_lack_the_same_that_is_the_status(two):
    for part in two:
        part.failing[Signal.LOGS] = Status.DENIED
    result = JoinedSource(two, LOOK).logs(LOOK)
    assert (result.status, result.count) == (Status.DENIED, 0)


def test_changes_are_looked_for_a_day_before(two):
    JoinedSource(two, LOOK).changes(LOOK)
    (need,) = [need for signal, need in two[0].needs if signal is Signal.CHANGES]
    assert need.window == Window(1000.0 - 86_400.0, 2000.0)


def test_each_answer_is_recorded_and_named_as_origin(two):
    kept = []

    def record(answered):
        kept.append((answered.source, answered.signal))
        return f"fetch-{len(kept)}"

    source = JoinedSource(two, LOOK, record)
    source.metrics(LOOK)
    origins = source.origins()
    assert [kept[int(o.removeprefix("fetch-")) - 1] for o in origins] == [
        ("left", Signal.METRICS),
        ("right", Signal.METRICS),
    ]
    assert source.origins() == ()


def test_a_file_source_can_be_a_part(two):
    source = JoinedSource((two[0], MemorySource("folder", series=[series("z")])), LOOK)
    assert [s.service for s in source.metrics(LOOK).value] == ["a", "b", "z"]
    assert "z" in source.services(LOOK)


def test_series_that_two_systems_hold_alike_count_once():
    parts = MemoryConnector("one", held("a")), MemoryConnector("two", held("a"))
    assert len(JoinedSource(parts, LOOK).metrics(LOOK).value) == 1
    for part in parts:
        part.session.close()


def test_many_parts_are_only_counted_in_the_name(two):
    assert JoinedSource(two * 3, LOOK).name == "6 sources"


class Breaking(MemoryConnector):
    """Raises what it never should."""

    def metrics(self, need):
        raise KeyError("open sesame")

    def services(self, need):
        raise TypeError("ours")


def test_a_connector_that_raises_has_failed_and_the_others_go_on(two):
    broken = Breaking("broken", held("z"))
    broken.session.vault.know("open sesame")
    source = JoinedSource((*two, broken), LOOK)
    result = source.metrics(LOOK)
    assert result.status is Status.PARTIAL
    assert [s.service for s in result.value] == ["a", "b", "c"]
    (problem,) = result.problems
    assert problem.place == "broken" and "test_source.py" in problem.message and "KeyError" in problem.message
    assert "sesame" not in str(problem)
    assert source.services(LOOK) == {"a", "b", "c", "z"}
    alone = JoinedSource((broken,), LOOK).metrics(LOOK)
    assert (alone.status, alone.value) == (Status.FAILED, ())
    broken.session.close()


def test_an_interrupt_ends_the_sessions_of_all(two):
    class Interrupted(MemoryConnector):
        def logs(self, need):
            raise KeyboardInterrupt

    stopped = Interrupted("stopped", held("z"))
    with pytest.raises(KeyboardInterrupt):
        JoinedSource((*two, stopped), LOOK).logs(LOOK)
    assert all(part.session.cancelled for part in (*two, stopped))


def test_a_file_source_is_not_asked_for_alerts(two):
    source = JoinedSource((two[0], MemorySource("folder", span_list=held("z").span_list)), LOOK)
    assert source.alerts().count == 0
    assert source.spans(LOOK).count == 3


def test_each_stage_is_given_its_time(two):
    """The session of a source that is configured has none before."""

    class Timed(MemoryConnector):
        def __init__(self, *args):
            super().__init__(*args)
            self.session.close()
            self.session = Session(0.0)
            self.left = []

        def metrics(self, need):
            self.left.append(self.session.remaining())
            return super().metrics(need)

        def services(self, need):
            self.left.append(self.session.remaining())
            return super().services(need)

    timed = Timed("timed", held("a"))
    source = JoinedSource((timed,), LOOK)
    source.services(LOOK)
    source.metrics(LOOK)
    assert [0 < left <= timed.config.limits.seconds for left in timed.left] == [True, True]


def test_parts_may_have_one_name(two):
    two[1].name = "left"
    source = JoinedSource(two, LOOK)
    assert [s.service for s in source.metrics(LOOK).value] == ["a", "b", "c"]
    assert source.logs(LOOK).count == 3


def test_a_wider_window_of_changes_is_asked_for_and_a_narrower_one_is_not(two):
    source = JoinedSource(two, LOOK)
    early = Window(LOOK.start - 10 * 86_400.0, LOOK.end)
    assert source.changes(early).count == 3
    assert source.changes(LOOK).count == 3
    asked = [need.window for signal, need in two[0].needs if signal is Signal.CHANGES]
    assert asked == [early]


def test_what_is_told_of_a_fetch_holds_no_secret(two):
    class Telling(MemoryConnector):
        def alerts(self, need):
            reading = Reading(self.name)
            reading.fetched("GET /?key=open%20sesame", place="open sesame")
            reading.lacking(Status.PARTIAL, "it said: open sesame", hint="not open sesame")
            return reading.result((), 0)

    telling = Telling("telling", held("a"))
    telling.session.vault.know("open sesame")
    result = JoinedSource((telling,), LOOK).alerts()
    assert result.fetches and result.problems and "sesame" not in repr(result)
    telling.session.close()


def test_what_did_not_answer_in_time_is_not_waited_for_again(two, monkeypatch):
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr("andon.connectors.joined.source.time.monotonic", lambda: float(next(clock)))
    two[1].failing[Signal.TRACES] = Status.FAILED
    source = JoinedSource(two, LOOK)
    source.spans(LOOK)
    result = source.metrics(LOOK)
    assert [s.service for s in result.value] == ["a", "b"]
    assert [str(p) for p in result.problems] == ["right: not asked again: it did not answer in time before"]
    assert Signal.METRICS not in {signal for signal, _ in two[1].needs}
