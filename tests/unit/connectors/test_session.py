from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
from concurrent.futures import Future

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


def test_what_is_not_to_be_kept_is_asked_again_and_waiting_threads_get_it():
    asked = []

    def ask():
        asked.append(1)
        time.sleep(0.05)
        return len(asked)

    with Session() as session:
        waiting = session.together([lambda: session.once("key", ask, lambda _: False)] * 3)
        assert waiting == [1, 1, 1]
        assert session.once("key", ask) == 2
        assert session.once("key", ask) == 2


def test_waiting_threads_get_the_failure_of_the_first():
    begun, go = threading.Event(), threading.Event()

    def broken():
        begun.set()
        go.wait(5)
        raise Unanswered("no")

    def second():
        begun.wait(5)
        threading.Timer(0.05, go.set).start()
        return session.once("key", lambda: "never asked")

    with Session() as session:
        with pytest.raises(Unanswered, match="no"):
            session.together([second, lambda: session.once("key", broken)])
        assert session.once("key", lambda: "later") == "later"


def test_what_is_asked_while_it_closes_is_told_and_nothing_is_left_over(monkeypatch):
    session, begin, closing = Session(), asyncio.run_coroutine_threadsafe, []

    def close_first(work, loop):
        """Closes the session just before this work reaches the loop, unless something keeps it from that."""
        if not closing:
            closing.append(threading.Thread(target=session.close))
            closing[0].start()
            closing[0].join(0.2)
        return begin(work, loop)

    session.run(_answer(1))
    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", close_first)
    with pytest.raises(Unanswered, match="cancelled"):
        session.run(_answer(1, 5))
    closing[0].join(5)
    gc.collect()


def test_an_answer_of_the_last_moment_counts(monkeypatch):
    class Late(Future):
        def result(self, timeout=None):
            if not self.done():
                self.set_result("just in time")
                raise TimeoutError
            return super().result(timeout)

    def begun(work):
        work.close()
        return Late()

    with Session() as session:
        monkeypatch.setattr(session, "_begun", begun)
        assert session.run(_answer(1)) == "just in time"


def test_an_interrupt_ends_what_is_under_way(monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    async def stalled():
        begun.set()
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    def interrupted(_):
        assert begun.wait(5)
        raise KeyboardInterrupt

    with Session() as session:
        start = session._begun

        def with_interrupt(work):
            future = start(work)
            future.result = interrupted
            return future

        monkeypatch.setattr(session, "_begun", with_interrupt)
        with pytest.raises(KeyboardInterrupt):
            session.run(stalled())
        assert ended.wait(5)
        assert not session.cancelled


def test_an_interrupt_among_several_cancels_the_others():
    def interrupted():
        raise KeyboardInterrupt

    with Session(5) as session:
        with pytest.raises(KeyboardInterrupt):
            session.together([interrupted, lambda: session.run(_answer(1, 4))])
        assert session.cancelled


def test_together_within_together():
    with Session() as session:

        def inner(n):
            return sum(session.together([lambda m=m: session.run(_answer(n * m)) for m in range(5)], 2))

        assert session.together([lambda n=n: inner(n) for n in range(5)], 2) == [0, 10, 20, 30, 40]


def test_work_that_does_not_end_is_left_behind(monkeypatch):
    monkeypatch.setattr("andon.connectors.session._LETTING_GO", 0.1)
    may_end = threading.Event()

    async def stubborn():
        while not may_end.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    session = Session(0.1)
    with pytest.raises(Unanswered):
        session.run(stubborn())
    session.close()
    may_end.set()
    session._thread.join(5)
    assert not session._thread.is_alive()
