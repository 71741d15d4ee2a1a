"""`andon init`: what the files of a folder seem to be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["init"]


def init(
    folder: Annotated[Path, typer.Argument(help="A folder with telemetry files.", metavar="DIR")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show; write nothing.")] = False,
) -> None:
    """Look at a folder, show what its files seem to be, and write its incident.yaml."""
    from andon.app.preparing import look, write
    from andon.reports.text_safety import line

    found = look(folder)
    for guessed in found.guessed:
        what = f"{guessed.signal}, {guessed.format}" if guessed.signal else "not read"
        sys.stdout.write(f"{line(guessed.path)}: {what} ({line(guessed.why)})\n")
    for problem in found.problems:
        sys.stdout.write(f"! {line(str(problem))}\n")
    for question in found.questions:
        sys.stdout.write(f"? {line(str(question))}\n")
    if not dry_run:
        sys.stderr.write(f"wrote {write(found, folder)}\n")
