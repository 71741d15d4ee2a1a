from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from andon.llm.local.process import EngineFailed, EngineProcess

PARENT = """
import sys, time
from pathlib import Path
from andon.llm.local.process import EngineProcess
process = EngineProcess(Path(sys.argv[1]), context=100, threads=1, command=sys.argv[2:])
print(process.pid, flush=True)
time.sleep(600)
"""
SOON = 20.0


def gone(pid: int) -> bool:
    """Whether the process has ended, be it that nobody has asked for its code yet."""
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up under /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_ends_with_its_parent_however_that_ends(tmp_path, command, end):
    weights = tmp_path / "weights.json"
    weights.write_text('{"answers": []}')
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(weights), *command], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.send_signal(end)
    assert gone(pid)


def test_weights_that_are_none_are_reported_with_the_engines_own_reason(tmp_path, real_engine):
    broken = tmp_path / "broken.gguf"
    with real_engine.weights.open("rb") as file:
        broken.write_bytes(file.read(100_000))
    with pytest.raises(EngineFailed, match=r"(?s)did not start.*fail") as raised:
        EngineProcess(broken, context=100, threads=1)
    assert "whole GGUF file" in raised.value.hint
