"""`andon demo`: an estate that really runs and really breaks."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from andon.app.demonstrating import Case, Progress, Truth

__all__ = ["demo"]

demo = typer.Typer(
    help="Start a small connected-car estate, break it for real, and investigate.", no_args_is_help=True
)


@demo.command("faults")
def faults() -> None:
    """List what can be broken."""
    from andon.app import demonstrating

    for name, title in demonstrating.faults().items():
        sys.stdout.write(f"{name:<28} {title}\n")


@demo.command("run")
def run(
    fault: Annotated[str, typer.Argument(help="What to break; `andon demo faults` lists it.")],
    seed: Annotated[int, typer.Option(help="Draws load, onset, severity and decoys.")] = 1,
    record: Annotated[Path | None, typer.Option(help="Keep the recording as this bundle (.zip).")] = None,
    baseline: Annotated[float, typer.Option(help="Seconds of quiet before the fault.")] = 45.0,
    incident: Annotated[float, typer.Option(help="Seconds of incident.")] = 40.0,
    investigate: Annotated[
        bool, typer.Option("--investigate", help="Then investigate what was recorded.")
    ] = False,
    html: Annotated[str, typer.Option(help="Also write the report as one HTML file.", metavar="FILE")] = "",
) -> None:
    """Break the estate and record what it says."""
    from andon.app import demonstrating

    with tempfile.TemporaryDirectory(prefix="andon-demo-") as folder:
        path = record or Path(folder) / f"{fault}.zip"
        made = demonstrating.record(fault, seed, path, (baseline, incident), _show())
        sys.stderr.write(f"recorded {path.name}\n")
        if not investigate:
            return
        _investigate(path, html)
        _confess(made.truth)


@demo.command("campaign")
def campaign(
    out: Annotated[Path, typer.Option(help="The folder that gets the recordings.", metavar="DIR")],
    cases: Annotated[int, typer.Option(min=1, help="How many, over all faults in turn.")] = 90,
    seed: Annotated[
        int, typer.Option(min=0, help="Draws every case; another seed, other cases. Benchmarks measure on 1.")
    ] = 2,
    fault: Annotated[list[str] | None, typer.Option(help="Only this fault; may be repeated.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Estates at once; some run side by side on one core.")] = 4,
) -> None:
    """Record a labelled benchmark: DIR/development to look at, DIR/unseen to be measured on."""
    from andon.app import demonstrating

    done = 0

    def tell(case: Case, seconds: float, error: str) -> None:
        nonlocal done
        done += 1
        state = f"FAILED: {error}" if error else f"{seconds:.0f} s"
        sys.stderr.write(f"{done}: {case.part}/{case.name} {state}\n")
        sys.stderr.flush()

    failed = demonstrating.campaign(cases, seed, out, faults=fault or (), jobs=jobs, on_done=tell)
    sys.stdout.write(f"{cases - len(failed)} of {cases} cases are in {out}\n")


def _confess(truth: Truth) -> None:
    """Says what was really done, once the investigation is over."""
    from andon.telemetry import clock

    if not truth.culprits:
        sys.stderr.write("\nWhat was done: nothing; the estate was healthy.\n")
    for culprit in truth.culprits:
        change = f"change {culprit.change}, " if culprit.change else ""
        sys.stderr.write(
            f"\nWhat was done: {truth.fault} at {clock(culprit.injected)}, {change}on {culprit.components[0]}.\n"
        )


def _investigate(path: Path, html: str) -> None:
    """The investigation of the recording, as `andon investigate --source FILE` would do it."""
    from andon.app import investigating
    from andon.cli.output import show_report, write_file
    from andon.config import load_settings
    from andon.investigation.question import Question

    report = investigating.start(Question(""), [str(path)], load_settings())
    if html:
        from andon.reports import to_html

        write_file(html, to_html(report))
    show_report(report)


def _show() -> Callable[[Progress], None]:
    """Says each step, and counts seconds on a terminal."""

    def show(progress: Progress) -> None:
        if progress.text:
            sys.stderr.write(f"\r\033[K{progress.text}\n" if sys.stderr.isatty() else f"{progress.text}\n")
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{progress.phase}: {progress.elapsed:.0f} of {progress.total:.0f} s")
        sys.stderr.flush()

    return show
