"""To demonstrate: start the demo estate, break it for real, record what it said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from andon.demo import FAULTS, Progress, Recording, Truth, run_fault
from andon.demo.campaign import Case, plan_cases, record_campaign
from andon.demo.extras import require
from andon.errors import UsageError

__all__ = ["Case", "Progress", "Recording", "Truth", "campaign", "faults", "record"]


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


def campaign(
    cases: int,
    seed: int,
    out: Path,
    *,
    faults: Sequence[str] = (),
    jobs: int = 1,
    on_done: Callable[[Case, float, str], None],
) -> tuple[Case, ...]:
    """Records a labelled benchmark into `out`; the cases that could not be recorded.

    Raises UsageError for an unknown fault, MissingExtra without the `demo` extra, AndonError when not a
    single case could be recorded.
    """
    require("amqtt.broker")
    unknown = [name for name in faults if name not in FAULTS]
    if unknown:
        raise UsageError(f"there is no fault {unknown[0]!r}", hint=f"one of: {', '.join(FAULTS)}")
    return record_campaign(plan_cases(cases, seed, faults), out, jobs=jobs, on_done=on_done)
