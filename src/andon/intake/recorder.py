"""The thread that checks requests and writes them: in groups, each acknowledged once it is in the file."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

from andon.connectors.received import (
    MOST_UNPACKED,
    Checked,
    Form,
    Kind,
    Overlong,
    SegmentWriter,
    Undecodable,
    check,
)
from andon.errors import AndonError, StorageError
from andon.intake.refusals import Reason, Refusal

__all__ = ["Recorder"]

_GROUP_REQUESTS = 64
_GROUP_BYTES = 4 << 20
"""What is written, and with fsync flushed, at once; the first of a group waits for the last."""
_IDLE_SECONDS = 1.0
_TEND_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: Kind
    form: Form
    body: bytes
    gzip: bool
    answer: Future[Checked]


class Recorder:
    """Takes requests from any thread and writes them in one of its own, until it is closed.

    It holds whatever it is given: bounding that is the business of whoever gives (see `Pressure`).
    """

    def __init__(self, writer: SegmentWriter) -> None:
        self._writer = writer
        self._waiting: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._tended = time.monotonic()
        self.trouble = ""
        """Why the last group could not be written, empty when it could."""
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def submit(self, kind: Kind, form: Form, body: bytes, *, gzip: bool = False) -> Future[Checked]:
        """The request, as it came. What it became is answered when it is in the file, or Refusal is raised there."""
        asked = _Asked(kind, form, body, gzip, Future())
        with self._closing:
            if self._closed:
                raise Refusal(Reason.UNAVAILABLE, "the receiver is stopping; send it again")
            self._waiting.put(asked)
        return asked.answer

    def close(self) -> None:
        """Writes what was submitted before, and closes the writer. Raises StorageError when that fails."""
        with self._closing:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()
        self._writer.close()

    def _run(self) -> None:
        going = True
        while going:
            group, going = self._group()
            self._record(group)
            self._tend()

    def _group(self) -> tuple[list[_Asked], bool]:
        """What waits, up to a group of it, and whether to go on afterwards."""
        found: list[_Asked] = []
        size = 0
        with suppress(queue.Empty):
            asked = self._waiting.get(timeout=_IDLE_SECONDS)
            while asked is not None:
                if asked.answer.set_running_or_notify_cancel():
                    found.append(asked)
                    size += len(asked.body)
                if len(found) >= _GROUP_REQUESTS or size >= _GROUP_BYTES:
                    return found, True
                asked = self._waiting.get_nowait()
            return found, False
        return found, True

    def _record(self, group: list[_Asked]) -> None:
        now = time.time()
        checked: list[tuple[_Asked, Checked]] = []
        for asked in group:
            try:
                checked.append((asked, _checked(asked, now)))
            except Refusal as refusal:
                asked.answer.set_exception(refusal)
        frames = [found.frame for _, found in checked if found.frame is not None]
        try:
            if frames:
                self._writer.append(frames)
                self.trouble = ""
        except StorageError as error:
            self.trouble = error.message
            for asked, _ in checked:
                asked.answer.set_exception(Refusal(Reason.UNAVAILABLE, "cannot be written now"))
            return
        for asked, found in checked:
            asked.answer.set_result(found)

    def _tend(self) -> None:
        if time.monotonic() - self._tended < _TEND_SECONDS:
            return
        self._tended = time.monotonic()
        try:
            self._writer.tend()
        except StorageError as error:
            self.trouble = error.message


def _checked(asked: _Asked, now: float) -> Checked:
    try:
        return check(asked.kind, asked.form, asked.body, gzip=asked.gzip, received=now)
    except Undecodable as error:
        raise Refusal(Reason.MALFORMED, str(error)) from None
    except Overlong:
        raise Refusal(
            Reason.TOO_LARGE, f"unpacks to more than {MOST_UNPACKED >> 20} MiB; send smaller batches"
        ) from None
    except AndonError as error:
        raise Refusal(Reason.UNAVAILABLE, error.message) from error
    except Exception as error:
        # Whatever somebody thinks of sending, the thread that writes for all others goes on.
        raise Refusal(Reason.MALFORMED, f"cannot be taken apart ({type(error).__name__})") from error
