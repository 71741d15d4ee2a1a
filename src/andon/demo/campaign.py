"""A campaign: every fault of the estate, many times, recorded as a labelled benchmark in two parts.

One case in three is for development; the others are for measuring, and nobody should look at them while
they change what is measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from andon.demo.faults import FAULTS
from andon.errors import AndonError

__all__ = ["Case", "Part", "plan_cases", "record_campaign"]

_SPAN = 1000
"""Seeds that one campaign seed stands for, so that two campaigns share no case."""
_DEVELOPMENT = 3
"""One round of faults in so many is for development."""
_START_SECONDS = 1.5
"""Estates start one after the other, not in the same instant: starting is what costs most."""

Part = str
"""`development` or `unseen`."""


@dataclass(frozen=True, slots=True)
class Case:
    """One recording: the fault, the seed that draws it, and the part that it belongs to."""

    fault: str
    seed: int
    part: Part

    @property
    def name(self) -> str:
        return f"{self.fault}-{self.seed}"


def plan_cases(cases: int, seed: int, faults: Sequence[str] = ()) -> tuple[Case, ...]:
    """So many cases, fault by fault in turn; each round of all faults has one seed and is of one part."""
    names = tuple(faults) or tuple(FAULTS)
    found = []
    for i in range(cases):
        round_, place = divmod(i, len(names))
        part = "development" if round_ % _DEVELOPMENT == 0 else "unseen"
        found.append(Case(names[place], seed * _SPAN + round_, part))
    return tuple(found)


def record_campaign(
    cases: Sequence[Case],
    out: Path,
    *,
    jobs: int = 1,
    on_done: Callable[[Case, float, str], None] = lambda *_: None,
) -> tuple[Case, ...]:
    """Records the cases into `out/<part>/<fault>-<seed>.zip`, so many at once; those that failed.

    What is there already is not recorded again, so an interrupted campaign goes on. `on_done` gets each
    case with the seconds it took and what went wrong, if anything did. Each estate runs under a process of
    its own: one that hangs is given up after ten minutes.
    """
    missing = [case for case in cases if not _truth(out, case).is_file()]
    failed = []
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        waiting = {}
        for i, case in enumerate(missing):
            waiting[pool.submit(_record, case, out, (i % jobs) * _START_SECONDS if i < jobs else 0.0)] = case
        try:
            for future in as_completed(waiting):
                case, (seconds, error) = waiting[future], future.result()
                if error:
                    failed.append(case)
                on_done(case, seconds, error)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    _write_index(cases, out)
    return tuple(failed)


def _record(case: Case, out: Path, delay: float) -> tuple[float, str]:
    """Seconds, and what went wrong the second time: estates that start at once may want the same port."""
    time.sleep(delay)
    seconds, error = _try(case, out)
    return (seconds, error) if not error else _try(case, out)


def _try(case: Case, out: Path) -> tuple[float, str]:
    began = time.monotonic()
    bundle = _truth(out, case).parent / f"{case.name}.zip"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "andon", "demo", "run", case.fault, "--seed", str(case.seed), "--record", str(bundle),
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except subprocess.TimeoutExpired:
        return time.monotonic() - began, "gave up after ten minutes"
    said = done.stderr.strip().splitlines()[-1:] if done.returncode else []
    return time.monotonic() - began, (said or [f"exit {done.returncode}"])[0] if done.returncode else ""


def _truth(out: Path, case: Case) -> Path:
    return out / case.part / f"{case.name}.truth.json"


def _write_index(cases: Sequence[Case], out: Path) -> None:
    """`campaign.json`: the cases that were recorded, now or before, with their part."""
    index = out / "campaign.json"
    known = json.loads(index.read_text(encoding="utf-8"))["cases"] if index.is_file() else []
    before = [Case(**case) for case in known]
    recorded = [asdict(case) for case in dict.fromkeys([*_recorded(before, out), *_recorded(cases, out)])]
    if not recorded:
        raise AndonError("no case of the campaign could be recorded")
    index.write_text(json.dumps({"cases": recorded}, indent=2) + "\n", encoding="utf-8")


def _recorded(cases: Sequence[Case], out: Path) -> Iterator[Case]:
    return (case for case in cases if _truth(out, case).is_file())
