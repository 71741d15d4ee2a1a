"""`andon runs`, `show`, `verify`, `export`, `import`: what was found before."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["export", "import_", "replay", "runs", "show", "verify"]

Run = Annotated[str, typer.Argument(help="A run's id, its beginning or end, or `latest`.", metavar="RUN")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def runs(as_json: AsJson = False) -> None:
    """List the runs that are kept."""
    from andon.app.runs import list_runs
    from andon.cli.output import print_json
    from andon.config import load_settings
    from andon.reports.text_safety import line
    from andon.telemetry import isoformat

    found = list_runs(load_settings())
    if as_json:
        print_json(
            [{"id": r.id, "created": r.created, "state": r.state, "question": r.question} for r in found]
        )
        return
    for run in found:
        sys.stdout.write(f"{run.id}  {isoformat(run.created)}  {run.state:<11}  {line(run.question)}\n")
    if not found:
        sys.stderr.write("no runs yet: `andon investigate` makes one\n")


def show(
    run: Run = "latest",
    as_json: AsJson = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
    html: Annotated[str, typer.Option(help="Write it as one HTML file instead.", metavar="FILE")] = "",
) -> None:
    """Show the report of a run."""
    from andon.app.runs import report_of
    from andon.cli.output import show_report, write_file
    from andon.config import load_settings

    report = report_of(run, load_settings())
    if html:
        from andon.reports import to_html

        write_file(html, to_html(report))
        return
    show_report(report, as_json=as_json, as_markdown=as_markdown)


def verify(run: Run = "latest", as_json: AsJson = False) -> None:
    """Compute every claim of a run again from its ledger. Exits with 6 when one fails."""
    from andon.app.runs import verify_run
    from andon.cli.output import print_json
    from andon.config import load_settings
    from andon.errors import StorageError
    from andon.reports.text_safety import line

    report, failures = verify_run(run, load_settings())
    if as_json:
        print_json(
            {
                "run": report.run,
                "claims": report.checked_claims,
                "verified": not failures,
                "failures": [{"claim": f.claim, "reason": f.reason} for f in failures],
            }
        )
    else:
        sys.stdout.write(
            f"{report.run}: {report.checked_claims} claims computed again, {len(failures)} fail\n"
        )
        for failure in failures:
            sys.stdout.write(f"  {line(failure.claim)}\n    {line(failure.reason)}\n")
    if failures:
        raise StorageError(f"{len(failures)} claims are not borne out by the ledger")


def export(run: Run, file: Annotated[Path, typer.Argument(help="The bundle to write (.zip).")]) -> None:
    """Write a run as a bundle that replays elsewhere, without its sources."""
    from andon.app.runs import export_run
    from andon.config import load_settings

    kept = export_run(run, file, load_settings())
    sys.stderr.write(f"wrote {kept.id} to {file}\n")


def replay(
    bundle: Annotated[
        str, typer.Argument(help="A bundle that `andon export` wrote, or a run.", metavar="BUNDLE")
    ],
    as_json: AsJson = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
) -> None:
    """Run an investigation again with neither its sources nor its model. Exits with 6 when the report is another one."""
    from andon.app.replaying import replay as again
    from andon.cli.output import show_report
    from andon.config import load_settings
    from andon.errors import StorageError

    replayed = again(bundle, load_settings())
    show_report(replayed.report, as_json=as_json, as_markdown=as_markdown)
    if not replayed.same:
        where = "; ".join(replayed.differs) or "it cannot be said where"
        raise StorageError(
            f"the replay gives another report: {where}", hint="it was made by another version of andon"
        )
    sys.stderr.write("replayed: the same report, byte for byte\n")


def import_(file: Annotated[Path, typer.Argument(help="A bundle that `andon export` wrote.")]) -> None:
    """Take a run from a bundle into the store."""
    from andon.app.runs import import_run
    from andon.config import load_settings

    kept = import_run(file, load_settings())
    sys.stdout.write(f"{kept.id}\n")
