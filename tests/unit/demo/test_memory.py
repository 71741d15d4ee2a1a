from __future__ import annotations

import os

from andon.demo import memory
from andon.demo.memory import LIMIT, Retention, resident_bytes, stall


def test_what_is_kept_stays_resident():
    before = resident_bytes()
    retention = Retention(8_000_000)
    for _ in range(3):
        retention.keep()
    assert resident_bytes() - before > 20_000_000
    assert len(retention._kept) == 3


def test_nothing_is_kept_by_a_release_without_the_trait(monkeypatch):
    monkeypatch.setattr(memory.time, "sleep", lambda _: 1 / 0)
    retention = Retention(0)
    retention.keep()
    assert retention._kept == []


def test_an_allocation_waits_longer_the_less_is_left():
    waits = [stall(round(share * LIMIT)) for share in (0.3, 0.5, 0.7, 0.9, 1.0, 1.3)]
    assert waits[:2] == [0, 0]
    assert waits == sorted(waits)
    assert waits[-1] == waits[-2] == memory._LONGEST_STALL


def test_a_process_that_is_gone_occupies_nothing():
    assert resident_bytes(os.getpid()) > 1_000_000
    assert resident_bytes(2**22 + 1) == 0
