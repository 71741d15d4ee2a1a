from __future__ import annotations

import dataclasses

import pytest

from andon.telemetry import ChangeEvent, ChangeKind


def test_an_event_needs_no_more_than_what_happened() -> None:
    event = ChangeEvent("1", 10.0, ChangeKind.DEPLOY, "deploy", "shop")
    assert not event.read_only
    assert not event.error
    assert (event.resources, event.files, dict(event.parameters)) == ((), (), {})


def test_events_do_not_share_their_parameters() -> None:
    one, other = (ChangeEvent(i, 10.0, ChangeKind.FLAG, "flip", "shop") for i in "ab")
    assert one.parameters is not other.parameters


def test_an_event_stays_as_it_happened() -> None:
    event = ChangeEvent("1", 10.0, ChangeKind.DEPLOY, "deploy", "shop")
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.target = "store"


def test_kinds_are_read_by_their_names() -> None:
    assert ChangeKind("control-plane") is ChangeKind.CONTROL_PLANE
    assert ChangeKind("work-order") is ChangeKind.WORK_ORDER
    with pytest.raises(ValueError, match="gossip"):
        ChangeKind("gossip")
