from __future__ import annotations

import asyncio
import threading
import time

import pytest

from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered


async def _answer(value, seconds=0.0):
    await asyncio.sleep(seconds)
    return value


def test_it_returns_what_the_work_returns_and_raises_what_it_raises():
    with Session() as session:
        assert session.run(_answer(7)) == 7

        async def broken():
            raise KeyError("ours")

        with pytest.raises(KeyError):
            session.run(broken())


def test_the_deadline_ends_what_is_under_way_and_refuses_what_follows():
    ended = threading.Event()

    async def stalled():
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    with Session(0.1) as session:
        with pytest.raises(Unanswered, match="within the time"):
            session.run(stalled())
        assert ended.wait(2)
        with pytest.raises(Unanswered):
            session.run(_answer(1))
        session.extend(5)
        assert session.run(_answer(1)) == 1


def test_cancelling_reaches_what_is_under_way():
    with Session(30) as session:
        threading.Timer(0.1, session.cancel).start()
        began = time.monotonic()
        with pytest.raises(Unanswered, match="cancelled"):
            session.run(_answer(1, 20))
        assert time.monotonic() - began < 5
        with pytest.raises(Unanswered, match="cancelled"):
            session.sleep(0.0)


def test_a_timeout_of_the_work_itself_is_not_taken_for_the_deadline():
    async def late():
        raise TimeoutError("its own")

    with Session(30) as session, pytest.raises(TimeoutError, match="its own"):
        session.run(late())


def test_together_keeps_the_order_and_asks_at_once():
    with Session() as session:
        began = time.monotonic()
        tasks = [lambda n=n: session.run(_answer(n, 0.3)) for n in range(4)]
        assert session.together(tasks) == [0, 1, 2, 3]
        assert time.monotonic() - began < 1.0


def test_once_asks_once_also_from_many_threads():
    asked = []

    def ask():
        asked.append(1)
        time.sleep(0.05)
        return "answer"

    with Session() as session:
        assert session.together([lambda: session.once("key", ask)] * 4) == ["answer"] * 4
        assert len(asked) == 1
        assert session.once("other", ask) == "answer"


def test_what_failed_is_asked_again():
    with Session() as session:
        with pytest.raises(ValueError, match="broken"):
            session.once("key", lambda: (_ for _ in ()).throw(ValueError("broken")))
        assert session.once("key", lambda: 5) == 5


def test_closing_twice_and_using_it_afterwards():
    session = Session()
    session.run(_answer(1))
    session.close()
    session.close()
    with pytest.raises(Unanswered):
        session.run(_answer(1))


def test_spending_is_counted_for_each_source():
    with Session() as session:
        session.spend("a", 5)
        session.spend("a", 6)
        assert (session.spent("a"), session.spent("b")) == (11, 0)
