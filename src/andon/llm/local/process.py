"""The engine's process as andon sees it: started when it is needed, noticed when it is gone, ended with us."""

from __future__ import annotations

import json
import os
import secrets
import select
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from andon.errors import ModelError
from andon.llm.local import child

__all__ = ["EngineFailed", "EngineProcess", "EngineSlow"]

START_SECONDS = 120.0
LOG_BYTES = 4000
"""Of the engine's stderr, looked at for a reason."""


class EngineFailed(ModelError):
    """The engine cannot be started, or ended before it answered."""


class EngineSlow(EngineFailed):
    """The engine had not answered when the time of a request was over."""


class EngineProcess:
    """One process of the engine, and the address and key under which it is reached; raises EngineFailed if it does not start.

    The key goes through its stdin, for the command line of a process can be read by others.
    """

    def __init__(
        self,
        weights: Path,
        *,
        context: int,
        threads: int,
        command: Sequence[str] = (),
        seconds: float = START_SECONDS,
    ) -> None:
        self.key = secrets.token_urlsafe(24)
        wanted = {"weights": str(weights), "context": context, "threads": threads, "key": self.key}
        with tempfile.TemporaryFile() as log:
            self._popen = subprocess.Popen(  # noqa: S603
                list(command) or [sys.executable, "-P", child.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,
            )
            try:
                self.address = self._started({**wanted, "parent": os.getpid()}, seconds, log)
            except BaseException:
                self.end()
                raise

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    def end(self) -> int:
        """Kills it if it still runs, and gives the code with which it ended."""
        self._popen.kill()
        code = self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return code

    def _started(self, wanted: dict[str, object], seconds: float, log: IO[bytes]) -> str:
        stdin, stdout = self._popen.stdin, self._popen.stdout
        if stdin is None or stdout is None:
            raise EngineFailed("the engine of the local model has no pipes")
        with suppress(BrokenPipeError):
            stdin.write(json.dumps(wanted).encode() + b"\n")
            stdin.flush()
        if not select.select([stdout], [], [], seconds)[0]:
            raise EngineSlow(f"the engine of the local model did not load its weights in {seconds:g} s")
        told = json.loads(stdout.readline() or "{}")
        if "address" not in told:
            reason = told.get("error") or "its process ended"
            raise EngineFailed(
                f"the engine of the local model did not start: {reason}{_first_error(log)}",
                hint="the weights must be a whole GGUF file of a kind that this engine knows, and fit into memory",
            )
        return str(told["address"])


def _first_error(log: IO[bytes]) -> str:
    """What the engine's own log says first, for what follows repeats it."""
    log.seek(0)
    lines = log.read(LOG_BYTES).decode(errors="replace").splitlines()
    errors = [line for line in lines if "error" in line.lower() or "fail" in line.lower()]
    return f" ({errors[0].strip()})" if errors else ""
