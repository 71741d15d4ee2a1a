"""When alarms fired, from how their state changed."""

from __future__ import annotations

from typing import Any

import pytest

from andon.connectors.aws import CloudWatchConnector
from andon.connectors.aws.alarms import Alarm, Change, alarms_in, episodes, history_of
from andon.connectors.aws.config import Place
from andon.telemetry import Window
from andon.testing.imitations.aws import CloudWatchImitation, HeldAlarm

A, REGION = "111122223333", "eu-central-1"
WINDOW = Window(100.0, 200.0)


def alarm(firing: bool = False, since: float = 0.0) -> Alarm:
    return Alarm("arn", "name", "words", firing, since, False, ("AWS/Lambda",), {})


def on(time: float) -> Change:
    return Change(time, True, False, "too many")


def off(time: float, fired: bool = True) -> Change:
    return Change(time, False, fired, "few")


@pytest.mark.parametrize(
    ("one", "changes", "expected"),
    [
        (alarm(), [], []),
        (alarm(), [on(110), off(120), on(130)], [(110, 120, "too many"), (130, None, "too many")]),
        (alarm(), [off(120)], [(100.0, 120, "")]),
        (alarm(), [off(120, fired=False)], []),
        (alarm(firing=True, since=50.0), [], [(50.0, None, "words")]),
        (alarm(firing=True, since=250.0), [], []),
        (alarm(firing=True, since=130.0), [on(130)], [(130, None, "too many")]),
        (alarm(), [off(120), on(110)], [(110, 120, "too many")]),
    ],
)
def test_episodes(one: Alarm, changes: list[Change], expected: list[Any]):
    assert list(episodes(one, changes, WINDOW)) == expected


def test_all_pages_of_alarms_and_their_history_are_read(opened: Any):
    import time

    now = time.time()
    held = [
        HeldAlarm(f"a{i}", [(now - 900, "ALARM"), (now - 600, "OK")], "AWS/Lambda", "Errors")
        for i in range(7)
    ]
    held.append(HeldAlarm("all", [(now - 900, "ALARM")], rule="ALARM(a0)"))
    with CloudWatchImitation({}, {A: {REGION: held}}, page=3) as server:
        watch = opened(CloudWatchConnector, server, scope={"namespaces": ["AWS/Lambda"]})
        place = Place(A, REGION)
        alarms = [one for one, _ in alarms_in(watch.api, place)]
        history = list(history_of(watch.api, place, Window(now - 3600, now)))
    assert {one.name for one in alarms} == {"all", *(f"a{i}" for i in range(7))}
    assert [one.name for one in alarms if one.firing] == ["all"]
    assert len(history) == 15 and all(change is not None for _, change, _ in history)
    assert sum(size for _, _, size in history) > 0
