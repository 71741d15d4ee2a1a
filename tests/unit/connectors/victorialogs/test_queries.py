"""What is sent says what it should, whatever the values hold."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.log_levels import LevelCounts
from andon.connectors.victorialogs.queries import counted, one_of, scoped, services, strata, within
from andon.telemetry import Window
from andon.testing.imitations.victorialogs import parsed, parsed_filter

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(deadline=None)
@given(TEXT, st.lists(TEXT, min_size=1, max_size=3))
def test_a_filter_admits_its_values_and_nothing_else(field: str, values: list[str]) -> None:
    admits = parsed_filter(one_of(field, values))
    assert all(admits(0, {field: value}) for value in values)
    assert not admits(0, {field: "".join(values) + "x"})


def test_a_window_is_half_open_and_exact_to_the_microsecond() -> None:
    query = parsed(within(Window(1_781_864_400.000001, 1_781_864_401.5), "*"))
    assert (query.start, query.end) == (1_781_864_400_000_001_000, 1_781_864_401_500_000_000)


def test_a_service_may_be_named_by_any_of_the_fields() -> None:
    admits = parsed_filter(services(("pay", "a.b"), ("service.name", "job")))
    assert admits(0, {"service.name": "pay"}) and admits(0, {"job": "shop/a.b"})
    assert not admits(0, {"job": "shop/axb"}) and not admits(0, {})
    assert services((), ("app",)) == "*"


LEVELS = st.sampled_from(["", "error", "WARN", "info", "odd"])


@settings(deadline=None)
@given(
    st.lists(st.tuples(LEVELS, st.integers(1, 9)), min_size=1), LEVELS, st.sampled_from(["failed", "fine"])
)
def test_each_record_falls_into_one_stratum(groups: list[tuple[str, int]], level: str, message: str) -> None:
    counts = LevelCounts.of([({"level": value}, float(n)) for value, n in groups])
    filters = [parsed_filter(text) for text in strata("*", counts).values()]
    assert sum(admits(0, {"level": level, "_msg": message}) for admits in filters) == 1


def test_counts_are_grouped_by_quoted_names() -> None:
    stats = parsed(counted("*", ("log.level",))).stats
    assert stats is not None and stats.by == ("log.level",)
    assert scoped({}) == "" and parsed_filter(scoped({"a b": ("x",)}))(0, {"a b": "x"})
