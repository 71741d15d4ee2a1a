"""LogQL is read as its documentation says."""

from __future__ import annotations

import pytest

from andon.testing.imitations.loki import LogQlError, LogQuery, MetricQuery, parsed


def test_selectors_are_anchored_and_line_filters_are_not() -> None:
    query = parsed(r'{app=~"a|b", ns!="x"} |~ "(?i)ERR" != "noise" | level=~"error|warn"')
    assert isinstance(query, LogQuery)
    assert query.selects({"app": "a"}) and not query.selects({"app": "ab"})
    assert not query.selects({"app": "a", "ns": "x"})
    assert query.admits_line("an error") and not query.admits_line("an error, noise")
    assert query.admits_labels({"level": "warn"}) and not query.admits_labels({})


def test_metrics_say_what_is_summed() -> None:
    query = parsed('sum by (level, app) (count_over_time({app="a"} |= `x"y` [1h30m]))')
    assert isinstance(query, MetricQuery)
    assert (query.of, query.by, query.range) == ("count_over_time", ("level", "app"), 5400 * 10**9)
    assert query.query.lines[0].value == 'x"y'


@pytest.mark.parametrize("text", ["{}", '{app=~".*"}', '{app!="a"}', '{app=""}'])
def test_a_selector_that_could_match_everything_is_refused(text: str) -> None:
    with pytest.raises(LogQlError, match="at least one regexp or equality matcher"):
        parsed(text)


@pytest.mark.parametrize(
    "text",
    ["", "{app}", '{app="a"', '{app="a"} | json', '{app="a"} |~ "("', 'rate({app="a"}[1m])', '{app="a"} x'],
)
def test_what_is_not_imitated_is_a_parse_error(text: str) -> None:
    with pytest.raises(LogQlError):
        parsed(text)
