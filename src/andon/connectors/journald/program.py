"""`journalctl` as a program that is run: what it writes, within a time and a size."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from andon.connectors.connector import ConnectorConfig
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

__all__ = ["Journalctl", "Written"]

_CHUNK = 1 << 16
_MOST_SAID = 1 << 14
_PATIENCE = 0.05
"""Seconds between looks at whether the run was cancelled."""
_ENDING = 5.0
"""Seconds in which a program that closed its output ends."""
_QUOTED = 200
_ENVIRONMENT = {"LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "TZ": "UTC"}
_NOT_ALL = "not seeing messages from other users"
_NONE = "No journal files were"


@dataclass(frozen=True, slots=True)
class Written:
    """What the program wrote; `limited` when it says that this user may not see everything."""

    output: bytes
    limited: bool


class Journalctl:
    """Runs `journalctl`; the same arguments once in a session. Raises Unanswered."""

    def __init__(self, name: str, config: ConnectorConfig, session: Session) -> None:
        self._name = name
        self._limits = config.limits
        self._session = session

    def run(self, arguments: Sequence[str], *, first_line: bool = False, fresh: bool = False) -> Written:
        """What it writes when it is given these arguments; only the beginning up to the first line, if that is enough."""
        program = shutil.which("journalctl")
        if program is None:
            raise Unanswered("journalctl is not installed", hint="read a journal where systemd runs")
        argv = (program, "--no-pager", *arguments)
        left = self._session.left(self._name, self._limits.bytes)
        if left <= 0:
            raise Unanswered(
                f"the budget of {self._limits.bytes:,} bytes for this source is used up",
                status=Status.TRUNCATED,
                hint="look at less, or raise limits.bytes",
            )
        most = min(left, self._limits.answer_bytes)
        if fresh:
            return self._run(argv, most, first_line)
        key = (self._name, argv, first_line)
        return self._session.once(key, lambda: self._run(argv, most, first_line))

    def _run(self, argv: Sequence[str], most: int, first_line: bool) -> Written:
        with contextlib.ExitStack() as held:
            complaints = held.enter_context(tempfile.TemporaryFile())
            try:
                process = subprocess.Popen(  # noqa: S603 - a list of arguments, each made by andon; no shell
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    env=os.environ | _ENVIRONMENT,
                )
            except OSError as error:
                raise Unanswered(f"journalctl cannot be started ({error.strerror})") from None
            held.enter_context(process)
            held.callback(process.kill)
            assert process.stdout is not None
            output, whole = self._read(process.stdout.fileno(), most, first_line)
            self._session.spend(self._name, len(output))
            if not whole:
                return Written(output, False)
            try:
                code = process.wait(_ENDING)
            except subprocess.TimeoutExpired:
                raise Unanswered("journalctl closed its output and did not end") from None
            complaints.seek(0)
            said = complaints.read(_MOST_SAID).decode("utf-8", "replace")
        _expect_success(code, said)
        return Written(output, _NOT_ALL in said)

    def _read(self, stream: int, most: int, first_line: bool) -> tuple[bytes, bool]:
        """What comes, and whether that is all of it. Raises Unanswered when it takes too long or is too much."""
        parts: list[bytes] = []
        size, ends = 0, time.monotonic() + self._limits.timeout
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while True:
                self._expect_time(ends)
                if not selector.select(_PATIENCE):
                    continue
                part = os.read(stream, _CHUNK)
                if not part:
                    return b"".join(parts), True
                parts.append(part)
                size += len(part)
                if first_line and b"\n" in part:
                    return b"".join(parts).partition(b"\n")[0], False
                if size > most:
                    raise Unanswered(
                        f"journalctl wrote more than {most:,} bytes",
                        status=Status.TRUNCATED,
                        hint="look at less, or raise limits.answer_bytes and limits.bytes",
                    )

    def _expect_time(self, ends: float) -> None:
        if not self._session.remaining():
            self._session.sleep(0)
        if time.monotonic() > ends:
            raise Unanswered(
                f"journalctl did not finish within {self._limits.timeout:g} s",
                hint="look at less, or raise limits.timeout",
            )


def _expect_success(code: int, said: str) -> None:
    words = " ".join(said.split())[:_QUOTED]
    if _NONE in said:
        raise Unanswered(
            f"there is no journal: {words}",
            hint="state `directory`, or set Storage=persistent in journald.conf",
        )
    if code and "Permission denied" in said:
        raise Unanswered(
            f"journalctl may not read the journal: {words}",
            status=Status.DENIED,
            hint="add the user to the group systemd-journal",
        )
    if code and words:
        raise Unanswered(f"journalctl ended with {code}: {words}")
