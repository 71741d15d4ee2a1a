"""Investigations in a process of their own, and what they cost: CPU seconds and the most memory held."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import ROOT

__all__ = ["Cost", "has_command", "investigate_by_api", "investigate_by_command", "run"]

_BY_API = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from andon.connectors.files import FilesSource
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger

source = FilesSource.open(Path(sys.argv[1]))
info = source.info()
report = investigate("bench", Question(sys.argv[2] or info.symptom), Toolbox([source], Ledger()), [info])
print(json.dumps({"hypotheses": [{"component": h.component, "change": h.change} for h in report.hypotheses]}))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a process and those that it waited for: seconds of CPU and of the clock, bytes at the most."""

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


def investigate_by_api(question: str, source: Path) -> Cost:
    return run([sys.executable, "-c", _BY_API, str(source), question])


def run(command: Sequence[str]) -> Cost:
    """Runs to the end with an empty home; the largest single process counts for memory."""
    with (
        tempfile.TemporaryDirectory() as home,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
    ):
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "ANDON_HOME": home}, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - began
        output.seek(0)
        text = output.read().decode(errors="replace")
        errors.seek(0)
        if process.returncode not in (0, 10):
            sys.stderr.write(errors.read().decode(errors="replace")[-2000:])
    scale = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * scale, process.returncode, text)
