from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from andon.connectors.prometheus.scope import PrometheusScope, any_of, selector
from andon.testing.imitations.promql import StoredSeries, parse_selector


def test_matchers_go_into_every_selector() -> None:
    scope = PrometheusScope(match={"namespace": ("shop",), "zone": ("a", "b")})
    assert selector("up", scope.matchers()) == '{__name__="up",namespace="shop",zone=~"(a|b)"}'
    assert selector("") == '{__name__!=""}'


@given(st.lists(st.text(max_size=8), min_size=1, max_size=3, unique=True), st.text(max_size=8))
def test_a_matcher_takes_its_values_and_no_other(values: list[str], other: str) -> None:
    chosen = parse_selector(selector("m", (any_of("x", values),)))
    series = [StoredSeries({"__name__": "m", "x": value}, [], []) for value in (*values, other)]
    assert {one.labels["x"] for one in chosen(series)} == set(values)


@pytest.mark.parametrize(
    "match", [{"a-b": ("x",)}, {"a": ()}, {"__name__": ("up",)}, {'a="x"} or {b': ("y",)}]
)
def test_what_is_no_matcher_is_refused(match: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValidationError):
        PrometheusScope(match=match)
