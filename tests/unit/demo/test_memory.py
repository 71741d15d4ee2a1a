from __future__ import annotations

import os
import subprocess
import sys

from andon.demo import memory
from andon.demo.memory import LIMIT, Retention, resident_bytes, stall

_KEEPING = """
from andon.demo.memory import Retention, resident_bytes
before = resident_bytes()
retention = Retention(8_000_000)
for _ in range(3):
    retention.keep()
print(resident_bytes() - before, len(retention._kept))
"""


def test_what_is_kept_stays_resident():
    """In a process of its own: in one that has let go of much, what is kept may take the place of that."""
    told = subprocess.run([sys.executable, "-c", _KEEPING], capture_output=True, text=True, check=True).stdout
    grown, kept = map(int, told.split())
    assert (grown > 20_000_000, kept) == (True, 3)


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
