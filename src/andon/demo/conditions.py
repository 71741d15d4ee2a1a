"""Conditions: what befalls a process from outside, and that no control plane knows of.

A condition is a number under a name, in one small file a service; the estate writes it, the process reads
it where the condition would be felt. Nothing of it reaches the telemetry by itself.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

__all__ = ["Conditions", "impose"]

_LOOK_SECONDS = 0.2


class Conditions:
    """The conditions of one process, looked up at most a few times a second. Thread-safe."""

    def __init__(self, folder: Path, service: str) -> None:
        self._file = _file(folder, service)
        self._lock = threading.Lock()
        self._looked = 0.0
        self._values: Mapping[str, float] = {}

    def value(self, name: str, default: float = 0.0) -> float:
        """How strong the condition is now; the default where it does not hold."""
        with self._lock:
            if time.monotonic() - self._looked > _LOOK_SECONDS:
                self._looked = time.monotonic()
                self._values = _read(self._file)
            return self._values.get(name, default)


def impose(folder: Path, service: str, name: str, value: float) -> None:
    """Puts a condition in force for a service, beside those that hold already."""
    file = _file(folder, service)
    file.parent.mkdir(exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({**_read(file), name: value}), encoding="utf-8")
    os.replace(fresh, file)


def _file(folder: Path, service: str) -> Path:
    return folder / "conditions" / f"{service}.json"


def _read(file: Path) -> dict[str, float]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
