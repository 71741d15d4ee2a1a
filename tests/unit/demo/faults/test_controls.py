from __future__ import annotations

from andon.demo.faults.controls import FAULTS


def test_every_control_is_one():
    assert FAULTS and all(fault.control for fault in FAULTS)
