from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors import Signal
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools.infrastructure import ChangeTimeline, is_noise, timeline
from andon.storage import Ledger
from andon.telemetry import ChangeEvent, ChangeKind, Status, Window
from andon.testing import MemorySource

WINDOW = Window(0, 100)


def event(time: float, action: str, actor: str = "ann", *, read_only: bool = False) -> ChangeEvent:
    return ChangeEvent(
        f"{time}-{action}-{actor}", time, ChangeKind.CONTROL_PLANE, action, "x", actor, read_only=read_only
    )


def told(*events: ChangeEvent, **given: object) -> ChangeTimeline:
    (observation,) = timeline(Toolbox([MemorySource(events=events, **given)], Ledger()), WINDOW)
    return content(observation, ChangeTimeline)


events = st.builds(
    event,
    st.floats(0, 99),
    st.sampled_from(["DescribeInstances", "RevokeSecurityGroupIngress", "AssumeRole", "deploy", ""]),
    st.sampled_from(["ann", "bot"]),
    read_only=st.booleans(),
)


@given(st.lists(events, max_size=12))
def test_folding_loses_no_event(many: list[ChangeEvent]) -> None:
    found = told(*many)
    assert len(found.events) + sum(folded.count for folded in found.noise) == len(many)
    assert all(folded.first <= folded.last for folded in found.noise)
    assert [e.time for e in found.events] == sorted(e.time for e in found.events)


def test_calls_that_only_look_are_counted_by_action_and_actor() -> None:
    found = told(
        event(3, "ListBuckets"), event(1, "ListBuckets"), event(2, "ListBuckets", "bot"), event(5, "deploy")
    )
    assert [(n.action, n.actor, n.count, n.first, n.last) for n in found.noise] == [
        ("ListBuckets", "ann", 2, 1, 3),
        ("ListBuckets", "bot", 1, 2, 2),
    ]
    assert [e.action for e in found.events] == ["deploy"]


@pytest.mark.parametrize(
    "action", ["DescribeInstances", "GetObject", "AssumeRole", "ConsoleLogin", "ListUsers"]
)
def test_what_looks_is_noise(action: str) -> None:
    assert is_noise(event(0, action))


@pytest.mark.parametrize(
    "action", ["DeleteRole", "RevokeSecurityGroupIngress", "deploy", "PutParameter", "restart"]
)
def test_what_changes_is_not(action: str) -> None:
    assert not is_noise(event(0, action))
    assert is_noise(event(0, action, read_only=True))


def test_only_the_window_is_told() -> None:
    assert told(event(-1, "deploy"), event(100, "deploy")) == ChangeTimeline((), ())


def test_the_observation_counts_what_it_was_drawn_from() -> None:
    box = Toolbox([MemorySource(events=[event(1, "ListUsers"), event(2, "deploy")])], Ledger())
    (observation,) = timeline(box, WINDOW)
    assert (observation.count, observation.status, observation.window) == (2, Status.OK, WINDOW)


def test_a_source_that_refuses_is_told() -> None:
    box = Toolbox([MemorySource(statuses={Signal.CHANGES: Status.DENIED})], Ledger())
    (observation,) = timeline(box, WINDOW)
    assert observation.status is Status.DENIED
