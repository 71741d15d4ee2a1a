"""LogsQL is read as its documentation says."""

from __future__ import annotations

import pytest

from andon.testing.imitations.victorialogs import LogsQlError, parsed, parsed_filter


def test_filters_hold_together_unless_or_stands_between_them() -> None:
    admits = parsed_filter('("app":in("a","b") or "job":~"(^|/)a$") !"level":in("info")')
    assert admits(0, {"app": "a"}) and admits(0, {"job": "shop/a", "level": "warn"})
    assert not admits(0, {"app": "c"}) and not admits(0, {"app": "a", "level": "info"})


def test_a_time_filter_is_half_open_and_narrows_what_is_looked_at() -> None:
    query = parsed("_time:[1970-01-01T00:00:01.000000Z, 1970-01-01T00:00:02.500000Z) *")
    assert (query.start, query.end) == (10**9, 2_500_000_000)
    assert query.admits(10**9, {}) and not query.admits(2_500_000_000, {})


def test_a_field_that_is_not_there_is_empty() -> None:
    assert parsed_filter('level:in("")')(0, {})


def test_stats_say_what_is_counted() -> None:
    stats = parsed('* | stats by ("log.level") count() as records, sum_len(_msg) as size').stats
    assert stats is not None
    assert stats.by == ("log.level",) and stats.functions == (("", "records"), ("_msg", "size"))


@pytest.mark.parametrize("text", ["", "(", "a:b", 'x:~"("', "* | sort by (_time)", "* | stats max(x) as y"])
def test_what_is_not_imitated_is_refused(text: str) -> None:
    with pytest.raises(LogsQlError):
        parsed(text)
