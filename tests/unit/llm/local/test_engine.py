from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import Any

import pytest

from andon.llm.local.engine import Completion, Engine
from andon.llm.local.process import EngineFailed, EngineSlow


async def _completion(engine: Engine, *, seconds: float = 30.0, most: int = 50) -> Completion:
    async with engine.turn(seconds) as turn:
        return await turn.complete(await turn.tokens("hello"), most=most, sampling={}, schema=None)


def completion(engine: Engine, **how: Any) -> Completion:
    return asyncio.run(_completion(engine, **how))


def test_an_answer_with_what_it_took(prepared):
    given = prepared("twelve chars")
    assert completion(given.engine) == Completion("twelve chars", 2, 3, finished=True)
    assert completion(given.engine, most=2) == Completion("twelve c", 2, 2, finished=False)


def test_starts_when_asked_and_ends_when_closed(prepared):
    engine = prepared("yes").engine
    assert engine.pid is None
    with engine:
        completion(engine)
        pid = engine.pid
        assert pid is not None
        completion(engine)
        assert engine.pid == pid
    assert engine.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_is_started_again_when_it_was_killed_between_requests(prepared):
    engine = prepared("yes").engine
    completion(engine)
    first = engine.pid
    os.kill(first, signal.SIGKILL)
    assert completion(engine).text == "yes"
    assert engine.pid not in (None, first)


def test_is_started_again_when_it_dies_over_a_request(prepared):
    given = prepared("die", "yes")
    assert completion(given.engine).text == "yes"
    assert len(given.asked) == 2


def test_dying_twice_is_an_error_and_not_the_end(prepared):
    given = prepared("die", "die", "yes")
    with pytest.raises(EngineFailed, match="ended twice"):
        completion(given.engine)
    assert completion(given.engine).text == "yes"


def test_hanging_is_an_error_and_not_the_end(prepared):
    given = prepared("hang", "yes")
    with pytest.raises(EngineSlow, match=r"after 0.5 s"):
        completion(given.engine, seconds=0.5)
    assert given.engine.pid is None
    assert completion(given.engine).text == "yes"


def test_what_is_refused_is_an_error(prepared):
    given = prepared("yes", context=1)
    with pytest.raises(EngineFailed, match="exceeds the available context"):
        completion(given.engine)


def test_one_request_at_a_time_and_each_with_its_own_clock(prepared):
    given = prepared("die", "one", "two", "three")

    async def three() -> list[Completion]:
        return await asyncio.gather(*(_completion(given.engine) for _ in range(3)))

    assert sorted(each.text for each in asyncio.run(three())) == ["one", "three", "two"]


def test_a_request_that_is_given_up_leaves_the_turn_to_the_next(prepared):
    given = prepared("hang", "yes")

    async def given_up() -> None:
        task = asyncio.create_task(_completion(given.engine))
        while not given.asked:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(given_up())
    assert completion(given.engine).text == "yes"


def test_nothing_leaves_loopback_not_even_through_a_proxy(prepared, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://192.0.2.1:3128")
    reached: list[Any] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        reached.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    assert completion(prepared("yes").engine).text == "yes"
    assert reached and {address[0] for address in reached} == {"127.0.0.1"}


def test_tokens_are_asked_for_once(prepared):
    engine = prepared("yes").engine

    async def twice() -> tuple[list[int], list[int]]:
        async with engine.turn(30) as turn:
            return await turn.tokens("hello"), await turn.tokens("hello")

    first, second = asyncio.run(twice())
    assert first == second


def test_the_real_engine_killed_over_a_request_is_started_again(real_engine):
    async def killed() -> tuple[int | None, Completion]:
        task = asyncio.create_task(_completion(real_engine, most=40))
        await asyncio.to_thread(real_engine.running)
        await asyncio.sleep(0.2)
        first = real_engine.pid
        os.kill(first, signal.SIGKILL)
        done = await task
        await _completion(real_engine, most=1)
        return first, done

    first, done = asyncio.run(killed())
    assert done.output_tokens == 40
    assert real_engine.pid not in (None, first)
