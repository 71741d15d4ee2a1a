"""In what databases differ: how they are told to read only, to give up, and to count seconds.

PostgreSQL and SQLite are proved. MySQL and MariaDB are told to read only by the statement of their manuals; of others
only SELECTs are asked, and `check` says that nothing else holds them to reading.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from andon.connectors.secrets import Vault
from andon.connectors.sql.config import SqlConfig
from andon.errors import ConfigError, MissingExtra

__all__ = ["WRITING", "Dialect", "dialect_of", "engine_of"]

WRITING = ("INSERT", "UPDATE", "DELETE")
"""What `Dialect.writes` asks for, in this order."""

_LETTING_GO = 1.0
"""Seconds that a server has to stop a statement before its connection is cut."""
_CONNECTING = 10
"""Seconds that a server has to let us in, at most."""


Times = sa.ColumnElement[Any]


def _arguments(_: SqlConfig) -> dict[str, Any]:
    return {}


def _prepare(_: Any) -> None:
    """Nothing is known that would help."""


def _limit(_connection: Connection, _seconds: float) -> None:
    """The request's own time limit holds."""


def _close(raw: Any, _: threading.Event) -> None:
    with contextlib.suppress(Exception):
        raw.close()


def _floor(number: Times) -> Times:
    return sa.func.floor(number, type_=sa.Double)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of database; the defaults hold for those of which nothing is known.

    `reads_only` says for people how it is held to reading, empty where it is not. `text_times`: times are kept as
    text, whatever the column is declared to be. `arguments` are given to the driver beside the address; `prepare` is
    said first on a new connection of the driver; `limit` has the next statement end after so many seconds; `cancel`
    ends what a connection does (the event is set once it has ended). `seconds` are Unix seconds of a column of times
    (in the zone, where they have none), `whole` the largest whole number not larger than a positive one, `writes` asks
    which of `WRITING` the user may do to a table.
    """

    reads_only: str = ""
    text_times: bool = False
    arguments: Callable[[SqlConfig], dict[str, Any]] = _arguments
    prepare: Callable[[Any], None] = _prepare
    limit: Callable[[Connection, float], None] = _limit
    cancel: Callable[[Any, threading.Event], None] = _close
    seconds: Callable[[Times, str], Times] | None = None
    whole: Callable[[Times], Times] = _floor
    writes: Callable[[str], sa.Select[Any]] | None = None


def _prepare_mysql(raw: Any) -> None:
    with contextlib.closing(raw.cursor()) as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute("SET SESSION time_zone = '+00:00'")


def _prepare_sqlite(raw: Any) -> None:
    raw.execute("PRAGMA query_only = ON")


def _interrupt(raw: Any, _: threading.Event) -> None:
    raw.interrupt()


def _julian_seconds(column: Times, _: str) -> Times:
    """SQLite counts milliseconds in Julian days; 2440587.5 is 1970-01-01."""
    days = sa.func.julianday(sa.type_coerce(column, sa.String), type_=sa.Double)
    milliseconds = sa.func.round((days - 2440587.5) * 86_400_000.0, type_=sa.Double)
    return milliseconds / 1000.0


def _cast_whole(number: Times) -> Times:
    return sa.cast(number, sa.Integer)


def _arguments_postgresql(config: SqlConfig) -> dict[str, Any]:
    found: dict[str, Any] = {
        "application_name": "andon",
        "connect_timeout": max(2, min(_CONNECTING, int(config.limits.timeout))),
        "prepare_threshold": None,
        "sslmode": "disable",
    }
    if config.secured:
        found |= {"sslmode": "verify-full", "sslrootcert": str(config.tls.ca or "system")}
        found |= {"sslcert": str(config.tls.cert)} if config.tls.cert else {}
        found |= {"sslkey": str(config.tls.key)} if config.tls.key else {}
    return found


def _prepare_postgresql(raw: Any) -> None:
    raw.execute("SET default_transaction_read_only = on")
    raw.execute("SET timezone = 'UTC'")
    raw.commit()
    raw.read_only = True


def _limit_postgresql(connection: Connection, seconds: float) -> None:
    milliseconds = str(max(1, int(seconds * 1000)))
    connection.execute(sa.select(sa.func.set_config("statement_timeout", milliseconds, True)))


def _cancel_postgresql(raw: Any, over: threading.Event) -> None:
    """As libpq cancels; a server that does not even hear that has its connection cut."""
    with contextlib.suppress(Exception):
        raw.cancel_safe(timeout=_LETTING_GO)
    if not over.wait(_LETTING_GO):
        with contextlib.suppress(Exception), socket.socket(fileno=os.dup(raw.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def _epoch(column: Times, zone: str) -> Times:
    if not getattr(column.type, "timezone", False):
        column = sa.func.timezone(zone, column, type_=sa.DateTime(timezone=True))
    return sa.cast(sa.extract("epoch", column), sa.Double)


def _writes(table: str) -> sa.Select[Any]:
    return sa.select(*(sa.func.has_table_privilege(table, right) for right in WRITING))


_MYSQL = Dialect("SET SESSION TRANSACTION READ ONLY", prepare=_prepare_mysql)
_DIALECTS = {
    "postgresql": Dialect(
        "default_transaction_read_only, and every transaction READ ONLY",
        arguments=_arguments_postgresql,
        prepare=_prepare_postgresql,
        limit=_limit_postgresql,
        cancel=_cancel_postgresql,
        seconds=_epoch,
        writes=_writes,
    ),
    "sqlite": Dialect(
        "opened read-only, PRAGMA query_only",
        text_times=True,
        prepare=_prepare_sqlite,
        cancel=_interrupt,
        seconds=_julian_seconds,
        whole=_cast_whole,
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
}


def dialect_of(url: str) -> Dialect:
    """What is known of the database that an address names."""
    return _DIALECTS.get(sa.make_url(url).get_backend_name(), Dialect())


def engine_of(config: SqlConfig, vault: Vault, dialect: Dialect) -> Engine:
    """An engine whose connections only read. Nothing is sent yet. Raises MissingExtra and ConfigError."""
    url = _driven(sa.make_url(config.url))
    if config.password:
        url = url.set(password=vault.reveal(config.password))
    backend = url.get_backend_name()
    options: dict[str, Any] = {"connect_args": dialect.arguments(config), "hide_parameters": True}
    if backend == "sqlite":
        options = {"creator": _sqlite_opener(url, config.limits.timeout), "hide_parameters": True}
    try:
        engine = sa.create_engine(
            url, poolclass=sa.QueuePool, pool_size=config.limits.requests_at_once, max_overflow=0, **options
        )
    except (ImportError, sa.exc.NoSuchModuleError) as error:
        hint = (
            "pip install 'andon[postgres]'" if backend == "postgresql" else f"install a driver for {backend}"
        )
        raise MissingExtra(f"no driver for {backend} is installed", hint=hint) from error
    except sa.exc.ArgumentError as error:
        raise ConfigError(f"url: no address of a {backend} database") from error
    sa.event.listen(engine, "connect", lambda raw, _: dialect.prepare(raw))
    return engine


def _driven(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _sqlite_opener(url: URL, patience: float) -> Callable[[], sqlite3.Connection]:
    address = f"file:{quote(url.database or '')}?mode=ro"
    return lambda: sqlite3.connect(address, uri=True, timeout=patience, check_same_thread=False)
