"""How many threads the engine computes with: more than there are free cores make it many times slower."""

from __future__ import annotations

import os
from pathlib import Path

from andon.errors import ConfigError

__all__ = ["thread_count"]

VARIABLE = "ANDON_LOCAL_THREADS"
CPUS = Path("/sys/devices/system/cpu")
QUOTA = Path("/sys/fs/cgroup/cpu.max")


def thread_count(stated: int | None = None) -> int:
    """What ANDON_LOCAL_THREADS says, else `stated`, else one less than the physical cores that we may use, at least 1.

    Raises ConfigError when ANDON_LOCAL_THREADS is not a number above 0.
    """
    variable = os.environ.get(VARIABLE, "")
    if variable:
        if not variable.isdecimal() or not int(variable):
            raise ConfigError(f"{VARIABLE} is {variable!r}", hint="a number of threads, 1 or more")
        return int(variable)
    if stated is not None:
        return max(1, stated)
    return max(1, min(_physical_cores(), _quota()) - 1)


def _physical_cores() -> int:
    """Cores and not hyper-threads, of those that this process may run on."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    ours = os.sched_getaffinity(0)
    return len({_siblings(cpu) for cpu in ours})


def _siblings(cpu: int) -> str:
    try:
        return (CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text()
    except OSError:
        return str(cpu)


def _quota() -> int:
    """Whole processors that a container may use; `max 100000` means all."""
    try:
        quota, period = QUOTA.read_text().split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return os.cpu_count() or 1
