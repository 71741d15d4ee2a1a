from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from andon.intake.pressure import Pressure
from andon.intake.refusals import Reason, Refusal


def test_bytes_are_bounded_and_given_back() -> None:
    pressure = Pressure(100, 10)
    with pressure.hold() as first:
        first.take(60)
        with pressure.hold() as second:
            second.take(40)
            with pytest.raises(Refusal) as caught:
                second.take(1)
            assert caught.value.reason is Reason.OVERLOADED
        assert pressure.bytes == 60
        first.take(40)
    assert pressure.bytes == 0


def test_requests_are_bounded() -> None:
    pressure = Pressure(100, 2)
    with pressure.hold(), pressure.hold(), pytest.raises(Refusal):
        pressure.hold()
    with pressure.hold():
        pass


def test_what_fails_gives_back_too() -> None:
    pressure = Pressure(100, 1)
    with suppress(KeyError), pressure.hold() as hold:
        hold.take(70)
        raise KeyError
    with pressure.hold() as hold:
        hold.take(100)


def test_threads_share_it() -> None:
    pressure = Pressure(1000, 1000)

    def work() -> None:
        for _ in range(300):
            with pressure.hold() as hold:
                hold.take(3)
                hold.take(4)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (pressure.bytes, pressure._requests) == (0, 0)
