"""Runs a fault in the estate and records what the instruments saw as an incident bundle."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from andon.demo.estate import Estate
from andon.demo.faults import Call, Change
from andon.demo.plan import Plan, draw_plan
from andon.demo.receiver import SIGNALS
from andon.demo.work_orders import Maintenance

__all__ = ["Answer", "Progress", "Recording", "Truth", "run_fault"]

_WARM_UP = 5.0
_TICK = 0.5


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is: its phase, seconds done and in total, and what just happened (empty for a mere tick)."""

    phase: str
    elapsed: float
    total: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What broke the estate: identifiers of `architecture.dsl` and slugs of mechanisms, the best first.

    `change` is the id of its event in the trail, empty for what just happened; `path` leads from the cause
    to where the customer feels it; `injected` is in Unix seconds.
    """

    components: tuple[str, ...]
    mechanisms: tuple[str, ...]
    path: tuple[str, ...]
    change: str
    injected: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What was done to the estate; it lies beside the bundle, never inside.

    `culprits` is empty for a control. Times are Unix seconds.
    """

    fault: str
    seed: int
    culprits: tuple[Answer, ...] = ()
    recorded: tuple[float, float] = (0.0, 0.0)
    load: float = 0.0
    affected: float = 0.0
    decoys: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """`bundle` is the zip file of the incident, `truth_file` the answer beside it."""

    bundle: Path
    truth_file: Path
    truth: Truth


@dataclass(slots=True)
class _Log:
    """The event ids of what was done, as it is done."""

    culprits: list[Answer] = field(default_factory=list)
    decoys: list[dict[str, Any]] = field(default_factory=list)


def run_fault(
    fault: str,
    seed: int,
    out: Path,
    *,
    baseline: float = 45.0,
    incident: float = 40.0,
    load: float = 1.0,
    on_event: Callable[[Progress], None] | None = None,
    on_start: Callable[[int], None] | None = None,
) -> Recording:
    """Starts an estate, breaks it, stops it, and writes `out` (a zip file) and `<out>.truth.json`.

    Takes `baseline + incident` seconds and about ten more; `load` scales the drawn number of requests.
    `on_start` is told the port at which the estate's metrics can be scraped (`/metrics`) once it runs.
    Raises UsageError for an unknown fault, MissingExtra without the `demo` extra, AndonError when a process
    of the estate does not start.
    """
    plan = draw_plan(fault, seed, baseline, incident, load)
    total = plan.seconds + _WARM_UP
    tell = on_event or (lambda _: None)
    with Estate(load=plan.load, affected=plan.affected) as estate:
        tell(Progress("starting", 0, total, "starting the estate"))
        estate.start(seed)
        if on_start is not None:
            on_start(estate.settings.ports["telemetry-receiver"])
        for passed in _ticks(_WARM_UP):
            tell(Progress("warm-up", passed, total))
        estate.forget()
        began = time.time()
        log = _carry_out(
            estate, plan, lambda phase, at, text: tell(Progress(phase, at + _WARM_UP, total, text))
        )
        tell(Progress("stopping", total, total, "stopping the estate"))
        truth = _truth(plan, log, (began, time.time()))
        telemetry = estate.settle()
        for failure in estate.failures:
            raise failure
        return _write(plan, truth, telemetry, estate.trail.read(), out)


def _carry_out(estate: Estate, plan: Plan, tell: Callable[[str, float, str], None]) -> _Log:
    """Does what is due, as the plan has it, until the time is over."""
    log = _Log()
    due: list[tuple[float, Change | Call]] = [(change.at, change) for change in plan.changes]
    due += plan.looks
    due.sort(key=lambda item: item[0])
    for passed in _ticks(plan.seconds):
        while due and due[0][0] <= passed:
            _, item = due.pop(0)
            if isinstance(item, Call):
                estate.call(item)
                continue
            _change(estate, plan, item, log)
            tell(_phase(log), passed, f"{item.title} on {item.component}")
        tell(_phase(log), passed, "")
    return log


def _change(estate: Estate, plan: Plan, change: Change, log: _Log) -> None:
    began = time.time()
    events = estate.perform(change)
    culprit = next((c for c in plan.scenario.culprits if c.change is change), None)
    if culprit is not None:
        event = events[-1] if events else ""
        log.culprits.append(Answer(culprit.answers, culprit.mechanisms, culprit.path, event, began))
    else:
        log.decoys.append(
            {"component": change.component, "actions": list(change.actions), "events": events, "time": began}
        )


def _phase(log: _Log) -> str:
    return "incident" if log.culprits else "baseline"


def _ticks(seconds: float) -> Iterator[float]:
    """Seconds passed, twice a second, until they are over."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        yield passed
        time.sleep(min(_TICK, max(seconds - (time.monotonic() - began), 0)))


def _truth(plan: Plan, log: _Log, recorded: tuple[float, float]) -> Truth:
    return Truth(
        fault=plan.fault.name,
        seed=plan.seed,
        culprits=tuple(log.culprits),
        recorded=recorded,
        load=plan.load,
        affected=plan.affected,
        decoys=tuple(log.decoys),
    )


def _write(plan: Plan, truth: Truth, telemetry: Path, trail: list[dict[str, Any]], out: Path) -> Recording:
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="andon-bundle-") as folder:
        _fill(Path(folder), plan, truth, telemetry, trail)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
            for file in sorted(Path(folder).iterdir()):
                bundle.write(file, file.name)
    truth_file = out.with_suffix(".truth.json")
    truth_file.write_text(json.dumps(asdict(truth), indent=2) + "\n", encoding="utf-8")
    return Recording(out, truth_file, truth)


def _fill(folder: Path, plan: Plan, truth: Truth, telemetry: Path, trail: list[dict[str, Any]]) -> None:
    import yaml

    for signal in SIGNALS:
        shutil.copyfile(telemetry / f"{signal}.otlp.jsonl", folder / f"{signal}.otlp.jsonl")
    architecture = files("andon.demo").joinpath("architecture.dsl").read_text(encoding="utf-8")
    (folder / "architecture.dsl").write_text(architecture, encoding="utf-8")
    (folder / "cloudtrail.json").write_text(json.dumps({"Records": trail}), encoding="utf-8")
    listed = [{"path": f"{s}.otlp.jsonl", "signal": s, "format": "otlp-jsonl"} for s in SIGNALS]
    listed.append({"path": "cloudtrail.json", "signal": "changes", "format": "cloudtrail"})
    listed.append({"path": "architecture.dsl", "signal": "topology", "format": "structurizr"})
    if orders := Maintenance(telemetry.parent).read():
        (folder / "work-orders.json").write_text(json.dumps(orders), encoding="utf-8")
        listed.append({"path": "work-orders.json", "signal": "changes", "format": "work-orders"})
    incident = {
        "version": 1,
        "title": plan.fault.title,
        "symptom": plan.scenario.symptom,
        "timezone": "UTC",
        "files": listed,
    }
    content = yaml.safe_dump(incident, sort_keys=False, allow_unicode=True, width=110)
    head = f"# Recorded in the demo estate, {_utc(truth.recorded[0])} to {_utc(truth.recorded[1])}.\n"
    (folder / "incident.yaml").write_text(head + content, encoding="utf-8")


def _utc(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
