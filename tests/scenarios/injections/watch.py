"""A watch over the process: whatever connects, writes, starts a program or reads a file that is none of ours is noted."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import andon

__all__ = ["watched"]

_OURS = (
    str(Path(sys.prefix).resolve()),
    str(Path(sys.base_prefix).resolve()),
    str(Path(andon.__file__).parent),
    str(Path(os.__file__).parent),
    "/usr/share/zoneinfo",
    "/dev/null",
)
"""Where programs, their data and the house's own tables are read."""
_NEVER = (
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn",
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "os.chmod", "os.kill",
    "os.putenv", "shutil.rmtree", "shutil.copyfile", "urllib.Request", "ftplib.connect", "smtplib.connect",
    "webbrowser.open", "ctypes.dlopen", "sqlite3.connect",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


class _Watch:
    """One hook for the whole process, since Python takes none back; it notes only while somebody watches."""

    def __init__(self) -> None:
        self.noted: list[str] | None = None
        self._lock = threading.Lock()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.noted is None:
            return
        if event in _NEVER:
            self._note(f"{event} {arguments!r:.200}")
        elif event == "open":
            path, _mode, flags = arguments
            if isinstance(path, int) or "__pycache__" in str(path):
                return
            place = os.path.realpath(os.fsdecode(path))
            if flags & _WRITES and place != "/dev/null":
                self._note(f"write {place}")
            elif not place.startswith(_OURS):
                self._note(f"read {place}")

    def _note(self, text: str) -> None:
        with self._lock:
            if self.noted is not None:
                self.noted.append(text)


_WATCH = _Watch()


@contextmanager
def watched() -> Iterator[list[str]]:
    """What this process did to the world around it while it was watched."""
    _WATCH.noted = noted = []
    try:
        yield noted
    finally:
        _WATCH.noted = None
