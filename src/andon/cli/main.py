"""The commands, and how errors become exit codes."""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from andon import __version__
from andon.cli.chat import ask_run, chat, verdict
from andon.cli.demo import demo
from andon.cli.investigate import investigate
from andon.cli.mcp import mcp
from andon.cli.output import complain
from andon.cli.prepare import init
from andon.cli.receive import receive
from andon.cli.runs import export, import_, replay, runs, show, verify
from andon.cli.sources import doctor, sources
from andon.errors import AndonError

__all__ = ["app", "main"]

INTERRUPTED = 130

app = typer.Typer(
    help="Find out why something in operations went wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(investigate)
app.command()(init)
app.command()(runs)
app.command()(show)
app.command()(verify)
app.command()(export)
app.command("import")(import_)
app.command()(replay)
app.command()(chat)
app.command()(ask_run)
app.command()(verdict)
app.command()(doctor)
app.command()(mcp)
app.command()(receive)
app.add_typer(sources, name="sources")
app.add_typer(demo, name="demo")


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"andon {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version.")
    ] = False,
) -> None:
    """Find out why something in operations went wrong."""


def _interrupted() -> None:
    sys.stderr.write(
        "\nandon: interrupted; what was found is kept: `andon show latest`, `andon investigate --continue latest`\n"
    )


def _terminated(_signal: int, _frame: object) -> None:
    """Whoever ends the program politely gets what Ctrl-C gets: what was found is kept."""
    raise KeyboardInterrupt


def main() -> None:
    """Runs the command line; exits with 0, or with the exit code of the error that ended it."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except AndonError as error:
        complain(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
        sys.exit(INTERRUPTED)
    except SystemExit as stop:  # The command line framework turns Ctrl-C into this.
        if stop.code == INTERRUPTED:
            _interrupted()
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
