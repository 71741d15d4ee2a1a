"""`andon sources` and `andon doctor`: which systems are read, and whether that works."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from andon.app.sources import SourceChecks

__all__ = ["doctor", "sources"]

sources = typer.Typer(help="The systems that andon reads: list, add, check, remove.", no_args_is_help=True)

_SIGNS = {"ok": "✓", "warning": "!", "failed": "✗"}
_NARROWEST = 20
"""Columns that a text is given however narrow the terminal is."""
_SOURCE_FAILED = 4
_AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@sources.command("list")
def list_(as_json: _AsJson = False) -> None:
    """List the sources of andon.yaml."""
    from andon.app.source_entries import where
    from andon.cli.output import print_json
    from andon.config import load_settings

    settings = load_settings()
    if as_json:
        print_json(
            [
                {"name": s.name, "kind": s.kind, "where": where(s), "origin": s.origin}
                for s in settings.sources.values()
            ]
        )
        return
    if not settings.sources:
        sys.stderr.write(f"{settings.file} names no source; `andon sources add` does\n")
    for source in settings.sources.values():
        sys.stdout.write(f"{source.name:<24} {_plain(source.kind):<16} {_plain(where(source))}\n")


@sources.command("kinds")
def kinds(as_json: _AsJson = False) -> None:
    """List the systems that andon can read, and what that was tested against."""
    from dataclasses import asdict

    from andon.app.source_entries import kinds as known
    from andon.cli.output import print_json

    found = known()
    if as_json:
        print_json([asdict(kind) for kind in found])
        return
    for kind in found:
        told = kind.missing or f"{', '.join(kind.signals):<28} {kind.title}; tested against {kind.proved}"
        sys.stdout.write(f"{kind.kind:<16} {_plain(told)}\n")


@sources.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the source is to be called.")],
    kind: Annotated[str, typer.Argument(help="`files`, or one of `andon sources kinds`.")],
    settings: Annotated[
        list[str] | None,
        typer.Argument(
            help="key=value: url=http://host:9090 'auth.bearer=${env:TOKEN}' scope.match.namespace=[shop]"
        ),
    ] = None,
    unchecked: Annotated[bool, typer.Option("--no-check", help="Write it without trying it.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the source of this name.")] = False,
) -> None:
    """Add a source to andon.yaml, and try it. It stays there when that fails; `--replace` mends it."""
    from andon.app.source_entries import add_source, entry_of
    from andon.app.sources import check_sources
    from andon.config import load_settings

    before = load_settings()
    done = "replaced {} in {}" if name in before.sources else "added {} to {}"
    file = add_source(name, kind, entry_of(kind, settings or []), before, replace=replace)
    sys.stderr.write(f"{done.format(name, file)}\n")
    if unchecked:
        return
    found = check_sources(load_settings(), [name])
    for one in found:
        _print(one)
    if _failed(found):
        again = f"andon sources add {name} {_plain(kind)} … --replace"
        sys.stderr.write(f"{name} stays in {file}; `{again}` mends it\n")
        raise typer.Exit(_SOURCE_FAILED)


@sources.command("remove")
def remove(name: Annotated[str, typer.Argument(help="The source that is no longer to be read.")]) -> None:
    """Remove a source from andon.yaml."""
    from andon.app.source_entries import remove_source
    from andon.config import load_settings

    file = remove_source(name, load_settings())
    sys.stderr.write(f"removed {name} from {file}\n")


@sources.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Only these; all where none is named.")] = None,
    as_json: _AsJson = False,
) -> None:
    """Try every source: what works, how far back, and what is missing. Exits with 4 when something failed."""
    from andon.app.sources import check_sources
    from andon.config import load_settings

    _show(check_sources(load_settings(), names or ()), as_json=as_json)


def doctor(as_json: _AsJson = False) -> None:
    """Look at the whole set-up. Exits with 4 when something failed."""
    from andon.app.diagnosing import diagnose
    from andon.config import load_settings

    _show(diagnose(load_settings()), as_json=as_json)


def _show(found: Sequence[SourceChecks], *, as_json: bool = False) -> None:
    from dataclasses import asdict

    from andon.cli.output import print_json

    if as_json:
        print_json([asdict(one) for one in found])
    else:
        for one in found:
            _print(one)
    if _failed(found):
        raise typer.Exit(_SOURCE_FAILED)


def _failed(found: Sequence[SourceChecks]) -> bool:
    return any(check.state == "failed" for one in found for check in one.checks)


def _print(one: SourceChecks) -> None:
    """One source and what was tried on it; what is too long for a line goes on below itself."""
    from andon.cli.output import console

    out = console()
    _hang(out, "", f"{one.name} ({one.kind})", "bold")
    whats = [_plain(check.what) for check in one.checks]
    width = max(map(len, whats), default=0)
    for check, what in zip(one.checks, whats, strict=True):
        style = {"ok": "", "warning": "yellow", "failed": "red"}[check.state]
        _hang(out, f"  {_SIGNS[check.state]} {what:<{width}}  ", check.found, style)
        if check.hint:
            _hang(out, f"{'':<{width + 6}}→ ", check.hint, "dim")


def _hang(out: Console, lead: str, told: str, style: str) -> None:
    """Prints `told` beside `lead`, its further lines indented as far."""
    from rich.text import Text

    lines = Text(_plain(told)).wrap(out, max(_NARROWEST, out.width - len(lead))) or [Text()]
    for number, line in enumerate(lines):
        line.rstrip()
        before = " " * len(lead) if number else lead
        out.print(Text.assemble(before, line), style=style, soft_wrap=True)


def _plain(text: str) -> str:
    """What a system said, on one line, without anything that could steer the terminal."""
    from andon.reports.text_safety import line

    return line(text)
