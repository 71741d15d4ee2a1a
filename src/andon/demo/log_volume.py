"""The volume that a service writes its files to: small, with a quota that is enforced here.

A write that does not fit is cut short and then refused, as a file system refuses it.
"""

from __future__ import annotations

import errno
import json
import os
import random
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from andon.demo.control_client import ParameterReader
from andon.demo.emitter import DEBUG
from andon.demo.releases import VERBOSE, has
from andon.demo.runtime import Runtime

__all__ = ["LogVolume", "Volume"]

_CAPACITY = 4 * 2**20
_OLD_SHARE = (0.52, 0.64)


class Volume:
    """A folder that holds at most `capacity` bytes; `mount` is its path as the service sees it. Thread-safe."""

    def __init__(self, folder: Path, mount: str, capacity: int) -> None:
        self._folder = folder
        self._mount = mount
        self._capacity = capacity
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, file: str, content: bytes) -> None:
        """Raises OSError (ENOSPC) when not all of it fits."""
        with self._lock:
            room = max(self._capacity - self._used(), 0)
            with (self._folder / file).open("ab") as opened:
                opened.write(content[:room])
        if len(content) > room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"{self._mount}/{file}")

    def utilization(self) -> float:
        """The share that is used, 0 to 1."""
        return round(self._used() / self._capacity, 4)

    def _used(self) -> int:
        return sum(entry.stat().st_size for entry in os.scandir(self._folder))


class LogVolume:
    """What one service writes: records that must be kept, and dumps of requests when its log is verbose.

    It is verbose while the parameter `/SERVICE/log-level` is `DEBUG`, and in a release that left it so.
    """

    def __init__(self, runtime: Runtime, dump_bytes: int) -> None:
        folder = Path(runtime.settings.folder) / "volumes" / runtime.name
        self._volume = Volume(folder, f"/var/log/{runtime.name}", _CAPACITY)
        self._telemetry = runtime.telemetry
        self._always = has(runtime.name, runtime.version, VERBOSE)
        self._parameters = ParameterReader(runtime)
        self._level = f"/{runtime.name}/log-level"
        self._dump = b"\n" * dump_bytes
        archive = folder / "service.log.1"
        if not archive.exists():
            share = random.Random(f"{runtime.name} {runtime.settings.seed}").uniform(*_OLD_SHARE)
            with archive.open("wb") as old:
                old.truncate(round(share * _CAPACITY))
        mount = f"/var/log/{runtime.name}"
        self._telemetry.meter.gauge(
            "system.filesystem.utilization", self._volume.utilization, mountpoint=mount
        )

    def record(self, file: str, entry: Mapping[str, Any]) -> None:
        """Writes what must be kept. Raises OSError when the volume is full."""
        self._volume.append(file, json.dumps(entry).encode() + b"\n")

    def dump(self, what: str) -> None:
        """Writes the whole of a request where the log is verbose; a full volume does not hinder the request."""
        if not self._always and self._parameters.value(self._level, "INFO") != "DEBUG":
            return
        self._telemetry.log(DEBUG, f"{what}: request and response dumped ({len(self._dump)} bytes)")
        try:
            self._volume.append("service.log", self._dump)
        except OSError:
            return
