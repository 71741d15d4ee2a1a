from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.received.changes import changes_kept, check_changes
from andon.connectors.received.moments import Moments
from andon.connectors.received.undecodable import Undecodable
from andon.telemetry import ChangeEvent, ChangeKind

DEPLOY = {"time": "2026-06-19T10:25:00Z", "kind": "deploy", "action": "rollout", "target": "orders"}
MOMENT = 1_781_864_700.0


def taken(told: Any) -> list[ChangeEvent]:
    return changes_kept(check_changes(json.dumps(told).encode(), 5.0, Moments()))


def test_a_change_comes_back_as_it_was_told() -> None:
    told = DEPLOY | {
        "actor": "ci",
        "summary": "v2",
        "id": "d-1",
        "resources": ["pod-1"],
        "parameters": {"to": [2]},
        "commit": "abc",
    }
    (event,) = taken(told)
    assert event == ChangeEvent(
        "d-1",
        MOMENT,
        ChangeKind.DEPLOY,
        "rollout",
        "orders",
        "ci",
        "v2",
        "",
        ("pod-1",),
        {"to": [2]},
        commit="abc",
    )


def test_one_or_a_list_and_what_is_not_said() -> None:
    first, second = taken([DEPLOY, {"kind": "flag", "action": "on", "target": "cache", "time": 7}])
    assert first.summary == "rollout on orders by unknown"
    assert (second.time, first.time) == (7.0, MOMENT)
    assert first.id and first.id != second.id
    (now,) = taken({"kind": "flag", "action": "on", "target": "cache"})
    assert now.time == 5.0


def test_the_same_change_has_the_same_id() -> None:
    assert taken(DEPLOY)[0].id == taken([DEPLOY])[0].id != taken(DEPLOY | {"actor": "x"})[0].id


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (DEPLOY | {"kind": "party"}, "^kind: "),
        (DEPLOY | {"time": "yesterday"}, "^time: neither Unix seconds nor RFC 3339"),
        (DEPLOY | {"time": "2026-06-19T10:25:00"}, "^time: lacks a zone"),
        (DEPLOY | {"time": -1}, "^time: "),
        (DEPLOY | {"time": 1e300}, "^time: "),
        (DEPLOY | {"token": "s3cr3t"}, "^token: Extra inputs"),
        ([DEPLOY, {"kind": "deploy"}], r"^1\.action: Field required \(and 1 more\)"),
        ([3], "^0: "),
        (3, "^change: "),
        (DEPLOY | {"target": ""}, "^target: "),
    ],
)
def test_what_is_no_change_is_refused_whole_and_says_where(told: Any, message: str) -> None:
    moments = Moments()
    with pytest.raises(Undecodable, match=message) as caught:
        check_changes(json.dumps(told).encode(), 5.0, moments)
    assert "s3cr3t" not in str(caught.value) and moments.items == 0


def test_nesting_without_end_is_refused() -> None:
    deep = b'{"kind":"flag","action":"a","target":"b","parameters":{"a":' + b"[" * 600 + b"]" * 600 + b"}}"
    with pytest.raises(Undecodable):
        check_changes(deep, 5.0, Moments())


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_parameters_may_hold_anything(value: Any) -> None:
    body = json.dumps(DEPLOY | {"parameters": {"value": value}}).encode()
    try:
        kept = check_changes(body, 5.0, Moments())
    except Undecodable:
        return
    assert len(changes_kept(kept)) == 1


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_changes_or_undecodable(body: bytes) -> None:
    for work in (lambda: check_changes(body, 5.0, Moments()), lambda: changes_kept(body)):
        with suppress(Undecodable):
            work()
