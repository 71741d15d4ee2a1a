"""To demonstrate: start the demo estate, break it for real, record what it said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from andon.demo import FAULTS, Progress, Recording, run_fault

__all__ = ["Progress", "Recording", "faults", "record"]


def faults() -> dict[str, str]:
    """The faults that the estate knows, each with its title."""
    return {name: fault.title for name, fault in FAULTS.items()}


def record(
    fault: str, seed: int, path: Path, seconds: tuple[float, float], on_event: Callable[[Progress], None]
) -> Recording:
    """Runs the fault and writes the bundle; `seconds` are the lengths of the quiet time and the incident.

    Raises UsageError for an unknown fault, MissingExtra without the `demo` extra.
    """
    return run_fault(fault, seed, path, baseline=seconds[0], incident=seconds[1], on_event=on_event)
