"""Where things go: results to stdout, progress and complaints to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from andon.errors import AndonError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from andon.investigation.report import Report

__all__ = ["complain", "console", "print_json", "show_report", "write_file"]


def console(*, stderr: bool = False) -> Console:
    """A console for stdout or stderr: plain, and 80 columns wide, where it is no terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else 80, highlight=False, soft_wrap=False)


def complain(error: AndonError, *, as_json: bool = False) -> None:
    """Says what went wrong and what can be done, on stderr."""
    if as_json:
        print_json({"error": error.message, "hint": error.hint, "exit_code": error.exit_code})
    sys.stderr.write(f"andon: {_visible(error.message)}\n")
    if error.hint:
        sys.stderr.write(f"hint: {_visible(error.hint)}\n")


def _visible(text: str) -> str:
    """Text with control characters made visible, so that no file name steers the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def print_json(value: Mapping[str, Any] | list[Any]) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=True, indent=2) + "\n")


def show_report(report: Report, *, as_json: bool = False, as_markdown: bool = False) -> None:
    """The report on stdout, in the form that was asked for."""
    from andon import reports

    if as_json:
        sys.stdout.write(reports.to_json(report).decode() + "\n")
    elif as_markdown:
        sys.stdout.write(reports.to_markdown(report) + "\n")
    else:
        reports.print_report(report, console())


def write_file(path: str, text: str) -> None:
    """Writes a text file. Raises UsageError with the reason when that cannot be done."""
    from pathlib import Path

    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    sys.stderr.write(f"wrote {path}\n")
