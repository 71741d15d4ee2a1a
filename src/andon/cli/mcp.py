"""`andon mcp`: serves questions, runs and reports to other models, until it is stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from andon.mcp import Face

__all__ = ["mcp"]


def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Serve streamable HTTP instead of stdin and stdout.")
    ] = False,
    host: Annotated[str, typer.Option(help="Where HTTP listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port; 0 takes a free one.", min=0, max=65_535)] = 8848,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Clients over HTTP carry the token in this file; else that of ANDON_MCP_TOKEN, else a new one.",
            metavar="FILE",
        ),
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="A further name by which clients call the host.", metavar="HOST")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            "-s",
            help="A folder, a bundle (.zip) or a configured source that may be looked at; without it, all configured.",
        ),
    ] = None,
) -> None:
    """Serve the Model Context Protocol: read-only questions, runs and reports for other models."""
    import secrets

    from andon.config import load_settings
    from andon.llm.redaction import Redactor
    from andon.mcp import Scope, build, known_secrets, serve_stdio

    settings = load_settings()
    key, known = secrets.token_bytes(16), known_secrets(settings)
    redactor = Redactor(key, known=known, addresses=settings.hide_addresses)
    face = build(settings, Scope.of(settings, source or ()), redactor)
    if http:
        _serve_http(face, (host, port), token_file, tuple(name or ()))
    else:
        serve_stdio(face)


def _serve_http(face: Face, place: tuple[str, int], token_file: Path | None, names: tuple[str, ...]) -> None:
    from andon.intake.access import Access, Address
    from andon.mcp import Listener, serve_http, token_of

    token, new = token_of(token_file)

    def ready(url: str) -> None:
        sys.stderr.write(f"MCP on {url}\n")
        if new:
            sys.stderr.write(f"authorization: Bearer {token}\n")
        sys.stderr.write("stop with Ctrl-C\n")
        sys.stderr.flush()

    serve_http(face, Listener(Address(*place), Access(token), names), ready)
