"""Investigations in a process of their own, and what they cost: CPU seconds and the most memory held."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import ROOT

__all__ = ["Cost", "has_command", "investigate_by_command", "run"]

_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a process and those that it waited for: seconds of CPU and of the clock, bytes held by all of them at the most."""

    cpu: float
    wall: float
    memory: int
    code: int
    output: str

    @property
    def hypotheses(self) -> list[dict[str, Any]]:
        """Those of the report on stdout, best first."""
        found = json.loads(self.output)
        return list(found.get("report", found)["hypotheses"])


def has_command() -> bool:
    return importlib.util.find_spec("andon.cli") is not None


def investigate_by_command(question: str, source: Path) -> Cost:
    """`andon investigate QUESTION --source SOURCE --json`."""
    code = "from andon.cli import main; main()"
    return run([sys.executable, "-c", code, "investigate", question, "--source", str(source), "--json"])


def run(command: Sequence[str]) -> Cost:
    """Runs to the end with an empty home."""
    with (
        tempfile.TemporaryDirectory() as home,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
    ):
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "ANDON_HOME": home}, stdout=output, stderr=errors
        )
        watch = _MemoryWatch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
        wall = time.monotonic() - began
        output.seek(0)
        text = output.read().decode(errors="replace")
        errors.seek(0)
        if process.returncode not in (0, 10):
            sys.stderr.write(errors.read().decode(errors="replace")[-2000:])
    scale = 1 if sys.platform == "darwin" else 1024
    memory = max(watch.peak, usage.ru_maxrss * scale)
    return Cost(usage.ru_utime + usage.ru_stime, wall, memory, process.returncode, text)


class _MemoryWatch(threading.Thread):
    """Adds up, again and again, what a process and those below it hold; libraries that they share count for each.

    Where there is no /proc, `peak` stays 0, and what the largest process held is all that is known.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            self.peak = max(self.peak, sum(map(_held, _family(self._pid))))

    def stop(self) -> None:
        self._over.set()
        self.join()


def _family(pid: int) -> Iterator[int]:
    yield pid
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = tasks.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _held(pid: int) -> int:
    """Bytes of memory that a process has resident, 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
