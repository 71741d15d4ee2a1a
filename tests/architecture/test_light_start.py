"""andon answers at once: what is heavy is loaded by what needs it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from architecture.house import expect_none

HEAVY = {
    "alembic",
    "amqtt",
    "asyncua",
    "boto3",
    "duckdb",
    "fastapi",
    "grpc",
    "httpx2",
    "jinja2",
    "numpy",
    "paho",
    "pydantic",
    "pydantic_ai",
    "sqlalchemy",
    "uvicorn",
}
HELP = "import sys; from andon.cli import main; sys.exit(main())"
REPORTING = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
CPU_SECONDS_OF_HELP = 0.3


@pytest.mark.parametrize(
    "command", [["import andon"], [HELP, "--help"]], ids=["import andon", "andon --help"]
)
def test_start_loads_nothing_heavy(command: list[str]):
    program, *arguments = command
    done = subprocess.run(
        [sys.executable, "-c", REPORTING + program, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "andon" in loaded
    expect_none(sorted(HEAVY & loaded), "heavy libraries stay unloaded")


def test_help_costs_little():
    """CPU time and not wall time, so a busy machine does not matter."""
    best = min(_cpu_seconds([sys.executable, "-c", HELP, "--help"]) for _ in range(3))
    assert best < CPU_SECONDS_OF_HELP, f"andon --help took {best:.2f} CPU seconds"


def _cpu_seconds(command: list[str]) -> float:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime
