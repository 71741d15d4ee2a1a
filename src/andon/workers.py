"""Worker processes: the same function on many items, on several cores, in the order of the items.

A worker is a fresh Python process that is told on its stdin what to call; so nothing depends on how this
process was started, and a worker ends when this process does. What an item gives does not depend on
the number of workers: with one job the function is called right here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar

from andon.errors import ConfigError

__all__ = ["WORTHWHILE", "WorkerDied", "Workers", "jobs_for", "serve"]

MOST_JOBS = 8
"""More processes than this wait for the one that puts their results together."""
WORTHWHILE = 64 << 20
"""Bytes from which workers pay: to start one costs as much as to parse about eight megabytes."""

_SERVE = "from andon.workers import serve; serve()"

T = TypeVar("T")
R = TypeVar("R")


class WorkerDied(Exception):
    """A worker process ended before it answered: killed, out of memory, or broken from inside."""


def jobs_for(size: int) -> int:
    """How many processes to use on so many bytes: what ANDON_JOBS says, else one for each core when it pays."""
    stated = os.environ.get("ANDON_JOBS", "")
    if stated:
        if not stated.isdecimal() or not int(stated):
            raise ConfigError(f"ANDON_JOBS is {stated!r}", hint="a number of processes, 1 or more")
        return int(stated)
    return 1 if size < WORTHWHILE else min(MOST_JOBS, _cores())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """So many processes, started when they are first needed and ended with the `with` block."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._threads = ThreadPoolExecutor(jobs) if jobs > 1 else None
        self._own = threading.local()
        self._lock = threading.Lock()
        self._all: list[_Process] = []
        self._ended = False

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the workers at once; what they had not answered is dropped."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            with self._lock:
                self._ended = True
                for process in self._all:
                    process.end()
            self._threads.shutdown(wait=True)

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[Future[R]]:
        """What the function gave for each item, in order; a few items ahead are under way at any time.

        `function` is one of a module, and items and results can be pickled. The result of a future
        raises what the function raised, or WorkerDied.
        """
        if self._threads is None:
            yield from (_done(function, item) for item in items)
            return
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(self._threads.submit(self._call, function, item))
            if len(waiting) > 2 * self.jobs:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()

    def _call(self, function: Callable[[T], R], item: T) -> R:
        """Runs in a thread of its own for each worker, which only waits."""
        process = getattr(self._own, "process", None) or self._start()
        try:
            good, answer = process.ask((function, item))
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
            self._own.process = None
            raise WorkerDied(f"a worker process ended with code {process.end()}") from error
        if not good:
            raise answer
        result: R = answer
        return result

    def _start(self) -> _Process:
        with self._lock:
            if self._ended:
                raise WorkerDied("the workers have ended")
            self._own.process = _Process()
            self._all.append(self._own.process)
        process: _Process = self._own.process
        return process


class _Process:
    """One worker as the process that it works for sees it."""

    def __init__(self) -> None:
        search = dict.fromkeys([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        self._popen = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(search)},
            start_new_session=True,
        )

    def ask(self, question: object) -> tuple[bool, Any]:
        """Whether the call succeeded, and its result or exception; EOFError or OSError when the worker is gone."""
        stdin, stdout = self._popen.stdin, self._popen.stdout
        if stdin is None or stdout is None:
            raise EOFError
        pickle.dump(question, stdin, protocol=5)
        stdin.flush()
        answer: tuple[bool, Any] = pickle.load(stdout)  # noqa: S301
        return answer

    def end(self) -> int:
        """Kills it, and says with which code it ended, maybe before."""
        self._popen.kill()
        code = self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return code


def _done(function: Callable[[T], R], item: T) -> Future[R]:
    future: Future[R] = Future()
    try:
        future.set_result(function(item))
    except Exception as error:
        future.set_exception(error)
    return future


def serve() -> None:
    """The life of a worker: calls what stdin says until it ends. Whatever is printed goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        while True:
            _answer(sys.stdin.buffer, answers)
    except (EOFError, BrokenPipeError):
        return


def _answer(asked: IO[bytes], answers: IO[bytes]) -> None:
    function, item = pickle.load(asked)  # noqa: S301
    answer: tuple[bool, Any]
    try:
        answer = True, function(item)
    except Exception as error:
        answer = False, error
    try:
        packed = pickle.dumps(answer, protocol=5)
    except Exception as error:  # An exception or a result may hold what cannot travel.
        packed = pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    answers.write(packed)
    answers.flush()
