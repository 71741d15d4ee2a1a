"""The requests of one run: a deadline, a way to cancel, a budget for each source, and the secrets.

Connectors are plain functions that block; what they send runs on one event loop in a thread of its own, so
that a deadline or a cancellation closes the connection instead of waiting for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from types import TracebackType
from typing import Any, TypeVar

from andon.connectors.budget import Budget
from andon.connectors.secrets import Vault
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

__all__ = ["Session"]

T = TypeVar("T")

_LETTING_GO = 2.0
"""Seconds that closing connections may take; who does not answer by then is left."""


class Session:
    """What the connectors of one run share; use it as a context manager, or call `close`.

    `seconds` is the time that all requests of the run may take together. `budget` is what several sessions
    share; it binds them all.
    """

    def __init__(self, seconds: float = 120.0, budget: Budget | None = None) -> None:
        self.vault = Vault()
        self._budget = budget
        self._ends = time.monotonic() + seconds
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._running: set[Future[Any]] = set()
        self._cancelled = False
        self._spent: dict[str, int] = {}
        self._answers: dict[Any, Future[Any]] = {}
        self._last: list[Callable[[], Coroutine[Any, Any, Any]]] = []

    def remaining(self) -> float:
        """Seconds left for requests; 0 when the time is over or the run was cancelled."""
        if self._cancelled:
            return 0.0
        left = max(0.0, self._ends - time.monotonic())
        return min(left, self._budget.remaining()) if self._budget else left

    def extend(self, seconds: float) -> None:
        """Gives the requests from now on this much time, and not less than they had.

        Of what all sources share no more than half: the next stage needs some of it as well.
        """
        if self._budget:
            seconds = min(seconds, self._budget.remaining() / 2)
        self._ends = max(self._ends, time.monotonic() + seconds)

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        """Ends every request that is under way; those that follow fail at once."""
        with self._lock:
            self._cancelled = True
            running = list(self._running)
        for future in running:
            future.cancel()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns. Raises Unanswered when the time is over or the run was cancelled."""
        future = self._begun(work)
        try:
            return future.result(self.remaining())
        except (FutureTimeout, CancelledError):
            if future.cancel():
                raise self._over() from None
            return future.result()  # It came in at the last moment, or raised this itself.
        finally:
            future.cancel()
            with self._lock:
                self._running.discard(future)

    def sleep(self, seconds: float) -> None:
        """Waits, unless the time is over or the run is cancelled before: then raises Unanswered."""
        self.run(asyncio.sleep(seconds))

    def together(self, tasks: Iterable[Callable[[], T]], at_once: int = 4) -> list[T]:
        """What the tasks return, in their order, so many at once."""
        listed = list(tasks)
        if len(listed) < 2:
            return [task() for task in listed]
        with ThreadPoolExecutor(max_workers=min(at_once, len(listed))) as pool:
            try:
                return list(pool.map(lambda task: task(), listed))
            except KeyboardInterrupt:
                self.cancel()  # Else the pool would wait for what is under way.
                raise

    def once(self, key: Any, ask: Callable[[], T], keep: Callable[[T], bool] = lambda _: True) -> T:
        """What `ask` returns, asked only once for each key in this run, also when two threads want it at once.

        What it raises, and what is not to be kept, reaches those who wait for it already; whoever comes
        later asks again.
        """
        with self._lock:
            future = self._answers.get(key)
            first = future is None
            if future is None:
                future = self._answers[key] = Future()
        if not first:
            answer: T = future.result()
            return answer
        try:
            value = ask()
            kept = keep(value)
        except BaseException as error:
            self._forget(key)
            future.set_exception(error)
            raise
        if not kept:
            self._forget(key)
        future.set_result(value)
        return value

    def _forget(self, key: Any) -> None:
        with self._lock:
            self._answers.pop(key, None)

    def spent(self, source: str) -> int:
        """Bytes that the answers of a source held so far."""
        with self._lock:
            return self._spent.get(source, 0)

    def left(self, source: str, most: int) -> int:
        """Bytes that the answers of a source may still hold: of `most` for itself, and of what all share."""
        left = most - self.spent(source)
        return max(0, min(left, self._budget.left()) if self._budget else left)

    def spend(self, source: str, size: int) -> None:
        """Counts bytes of an answer."""
        with self._lock:
            self._spent[source] = self._spent.get(source, 0) + size
        if self._budget:
            self._budget.spend(size)

    def close(self) -> None:
        """Cancels what is under way and ends the thread; safe to call twice."""
        self.cancel()
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        try:
            with contextlib.suppress(Exception):
                asyncio.run_coroutine_threadsafe(self._let_go(), loop).result(_LETTING_GO)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join(_LETTING_GO)

    def at_end(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Has this done on the loop before the session closes: a connection let go."""
        self._last.append(work)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _let_go(self) -> None:
        for work in self._last:
            with contextlib.suppress(Exception):
                await work()

    def _over(self) -> Unanswered:
        if self._cancelled:
            return Unanswered("cancelled before it was answered", status=Status.FAILED)
        return Unanswered(
            "no answer within the time for this run",
            status=Status.FAILED,
            hint="look at less, or raise limits.seconds",
        )

    def _begun(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """The work on the loop, known to whoever cancels. Raises Unanswered when there is no time for it."""
        with self._lock:
            if not self.remaining():
                work.close()
                raise self._over()
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_serve, args=(self._loop,), name="wire", daemon=True)
                self._thread.start()
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
            self._running.add(future)
            return future


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
