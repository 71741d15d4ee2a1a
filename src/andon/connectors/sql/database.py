"""One statement after another to one database: in a thread each, stopped at the deadline, read within limits."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from andon.connectors.session import Session
from andon.connectors.sql.config import SqlConfig
from andon.connectors.sql.dialects import Dialect, dialect_of, engine_of
from andon.connectors.sql.refusals import refusal
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

__all__ = ["Answer", "Database"]

T = TypeVar("T")

_AT_ONCE = 1000
"""Rows that come over the wire together."""
_NUMBER_BYTES = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of one statement, about how many bytes they take, and the statement as it was sent."""

    rows: Sequence[tuple[Any, ...]]
    size: int
    query: str


class Database:
    """Asks one database; all methods raise Unanswered, and hide secrets in what they say.

    Identical statements are sent once in a session.
    """

    def __init__(self, session: Session, source: str, config: SqlConfig) -> None:
        self.session = session
        self.source = source
        self.config = config
        self.dialect: Dialect = dialect_of(config.url)
        self._lock = threading.Lock()
        self._made: Engine | None = None
        self._room = threading.BoundedSemaphore(config.limits.requests_at_once)

    def rows(self, statement: sa.Select[Any]) -> Answer:
        """What a SELECT answers. TRUNCATED when that is more than one answer or the budget may hold."""
        query = self._written(statement)
        return self.session.once((self.source, query), lambda: self._asked(statement, query))

    def one(self, statement: sa.Select[Any]) -> tuple[Any, ...]:
        """The first row of a SELECT that counts or looks for the last; asked anew every time."""
        rows = self._asked(statement, "").rows
        return rows[0] if rows else ()

    def inspected(self, look: Callable[[Connection], T], what: str) -> T:
        """What `look` finds with a connection: the columns of a table; looked at once in a session."""
        return self.session.once((self.source, what), lambda: self._called(look))

    def close(self) -> None:
        with self._lock:
            engine, self._made = self._made, None
        if engine is not None:
            engine.dispose()

    def _asked(self, statement: sa.Select[Any], query: str) -> Answer:
        left = self.session.left(self.source, self.config.limits.bytes)
        if left <= 0:
            raise Unanswered(
                f"the budget of {self.config.limits.bytes:,} bytes for this source is used up",
                status=Status.TRUNCATED,
                hint="look at less, or raise limits.bytes",
            )
        most = min(left, self.config.limits.answer_bytes)
        rows, size = self._called(lambda connection: _streamed(connection, statement, most))
        self.session.spend(self.source, size)
        return Answer(rows, size, query)

    def _called(self, work: Callable[[Connection], T]) -> T:
        engine = self._engine()
        try:
            return self.session.run(self._waited(_Call(engine, self.dialect, self._room, work)))
        except Unanswered as gap:
            hide = self.session.vault.hide
            raise Unanswered(hide(gap.message), status=gap.status, hint=hide(gap.hint)) from None

    async def _waited(self, call: _Call[T]) -> T:
        """Waits for the thread, and has it stopped where the time is over or the run is cancelled."""
        seconds = min(self.config.limits.timeout, self.session.remaining())
        try:
            async with asyncio.timeout(seconds):
                return await call.result(seconds)
        except TimeoutError:
            raise Unanswered(
                f"no whole answer within {seconds:.3g} s",
                hint="an index on the time column helps, or raise limits.timeout",
            ) from None

    def _engine(self) -> Engine:
        with self._lock:
            if self._made is None:
                self._made = engine_of(self.config, self.session.vault, self.dialect)
                self.session.at_end(self._dispose)
            return self._made

    async def _dispose(self) -> None:
        self.close()

    def _written(self, statement: sa.Select[Any]) -> str:
        """The statement and its values, as it is told and as identical ones are known."""
        compiled = statement.compile(self._engine(), compile_kwargs={"render_postcompile": True})
        values = ", ".join(f"{name}={value!r}" for name, value in compiled.params.items())
        return " ".join(str(compiled).split()) + (f" [{values}]" if values else "")


class _Call(Generic[T]):
    """Work with a connection in a thread of its own that can be told to stop."""

    def __init__(
        self,
        engine: Engine,
        dialect: Dialect,
        room: threading.BoundedSemaphore,
        work: Callable[[Connection], T],
    ) -> None:
        self._engine = engine
        self._dialect = dialect
        self._room = room
        self._work = work
        self._raw: Any = None
        self._stopped = False
        self._over = threading.Event()

    async def result(self, seconds: float) -> T:
        """What the work returns; cancelling this ends it in the database. Raises Unanswered."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            try:
                outcome: T | BaseException = self._done(seconds)
            except BaseException as error:
                outcome = error
            self._over.set()
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, future, outcome)

        threading.Thread(target=work, name="sql", daemon=True).start()
        try:
            return await future
        except asyncio.CancelledError:
            self._stopped = True
            threading.Thread(target=self._cancel, name="sql-cancel", daemon=True).start()
            raise

    def _done(self, seconds: float) -> T:
        with self._room:
            if self._stopped:
                raise Unanswered("cancelled before it was asked")
            try:
                with self._engine.connect() as connection:
                    self._raw = connection.connection.driver_connection
                    try:
                        self._dialect.limit(connection, seconds)
                        return self._work(connection)
                    finally:
                        if self._stopped:
                            connection.invalidate()
            except sa.exc.DBAPIError as error:
                raise refusal(error.orig or error) from None
            except sa.exc.SQLAlchemyError as error:
                raise refusal(error) from None

    def _cancel(self) -> None:
        if self._raw is not None and not self._over.is_set():
            self._dialect.cancel(self._raw, self._over)


def _settle(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.done():
        return
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _streamed(
    connection: Connection, statement: sa.Select[Any], most: int
) -> tuple[list[tuple[Any, ...]], int]:
    """The rows through a cursor of the server, as long as they stay within so many bytes."""
    rows: list[tuple[Any, ...]] = []
    size = 0
    options = {"stream_results": True, "yield_per": _AT_ONCE, "max_row_buffer": _AT_ONCE}
    with connection.execution_options(**options).execute(statement) as answered:
        for part in answered.partitions():
            size += sum(_size(value) for row in part for value in row)
            if size > most:
                raise Unanswered(
                    f"the answer is larger than {most:,} bytes",
                    status=Status.TRUNCATED,
                    hint="look at less, or raise limits.answer_bytes and limits.bytes",
                )
            rows += [tuple(row) for row in part]
    return rows, size


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | bytes) else _NUMBER_BYTES
