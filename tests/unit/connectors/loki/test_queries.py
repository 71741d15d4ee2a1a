"""What is sent says what it should, whatever the values hold."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.log_levels import LevelCounts
from andon.connectors.loki.queries import counted, nanoseconds, quoted, selector, strata
from andon.telemetry import Window
from andon.testing.imitations.loki import LogQuery, MetricQuery, parsed


def test_an_empty_selector_is_never_made() -> None:
    assert selector({}, "service_name") == '{service_name=~".+"}'
    assert selector({"ns": ("a",), "app": ("x", "y.z")}, "") == '{ns="a", app=~"x|y\\\\.z"}'


@settings(deadline=None)
@given(
    st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=3)
)
def test_a_selector_selects_its_values_and_nothing_else(values: list[str]) -> None:
    query = parsed(selector({"ns": values}, ""))
    assert isinstance(query, LogQuery)
    assert all(query.selects({"ns": value}) for value in values)
    assert not query.selects({"ns": "".join(values) + "x"})


LEVELS = st.sampled_from(["", "error", "WARN", "info", "debug", "odd"])


@settings(deadline=None)
@given(
    st.lists(st.tuples(LEVELS, st.integers(1, 9)), min_size=1),
    LEVELS,
    st.sampled_from(["boom error", "fine"]),
)
def test_each_record_falls_into_one_stratum(groups: list[tuple[str, int]], level: str, line: str) -> None:
    counts = LevelCounts.of([({"level": value} if value else {}, float(n)) for value, n in groups])
    queries = [parsed(text) for text in strata('{a="b"}', counts).values()]
    labels = {"level": level} if level else {}
    hits = [q for q in queries if isinstance(q, LogQuery) and q.admits_labels(labels) and q.admits_line(line)]
    assert len(hits) == 1


def test_counting_spans_the_window() -> None:
    query = parsed(counted('{a="b"} |~ "x"', Window(10.0, 40.0)))
    assert isinstance(query, MetricQuery)
    assert query.range == 30 * 10**9 and "detected_level" in (query.by or ())


def test_times_are_exact_to_the_microsecond() -> None:
    assert nanoseconds(1_781_864_400.123457) == 1_781_864_400_123_457_000


def test_strings_hold_whatever_they_hold() -> None:
    assert quoted('a"b\\c\n') == '"a\\"b\\\\c\\n"'
