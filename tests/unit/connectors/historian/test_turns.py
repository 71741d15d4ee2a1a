from __future__ import annotations

from andon.connectors.historian.drops import DAY, Drop
from andon.connectors.historian.turns import written_after
from andon.telemetry import Window

NOON = 1_781_870_400.0  # 2026-06-19T12:00:00Z
WINDOW = Window(NOON, NOON + 3600)


def turn(changed: dict[int, float], name: str = "export-{}.csv") -> list[Drop]:
    """Drops by number, changed so many days after the window."""
    return [Drop(name.format(number), 1, NOON + days * DAY) for number, days in changed.items()]


def test_what_was_begun_a_day_later_is_left_out():
    drops = turn({number: number - 8.0 for number in range(5, 15)})
    assert written_after(drops, WINDOW) == {f"export-{number}.csv" for number in (11, 12, 13, 14)}


def test_the_first_one_after_the_window_may_hold_it():
    """Its neighbour ended before the window: what came between is in it, even if it was changed long after."""
    assert written_after(turn({1: -3.0, 2: -2.0, 3: -1.0, 4: 30.0}), WINDOW) == set()


def test_drops_that_were_copied_together_say_nothing():
    assert written_after(turn({number: 30 + number / 1e4 for number in range(10)}), WINDOW) == set()


def test_drops_that_were_copied_once_more_are_not_believed():
    turns = {number: number - 10.0 for number in range(8)}
    again = {number: 30 + number / 1e4 for number in range(8, 12)}
    assert written_after(turn(turns | again), WINDOW) == set()


def test_an_order_that_is_broken_says_nothing():
    turns = {number: number - 8.0 for number in range(5, 15)}
    assert written_after(turn(turns | {7: 40.0}), WINDOW) == set()


def test_names_of_other_kinds_and_days_say_nothing():
    drops = [Drop(name, 1, NOON + days * DAY) for days, name in enumerate("abcdefgh")]
    assert written_after(drops, WINDOW) == set()
    named = [Drop(f"{n}.csv", 1, NOON + n * DAY, NOON + n * DAY) for n in range(9)]
    assert written_after(named, WINDOW) == set()
