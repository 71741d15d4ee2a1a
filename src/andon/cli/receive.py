"""`andon receive`: takes telemetry and changes that are pushed, until it is stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from andon.intake import Address, Listening

__all__ = ["receive"]

_OFF = "off"


def receive(
    http: Annotated[
        str, typer.Option(help="Where OTLP/HTTP and the webhook listen, or off.", metavar="HOST:PORT")
    ] = "127.0.0.1:4318",
    grpc: Annotated[
        str, typer.Option(help="Where OTLP/gRPC listens, or off.", metavar="HOST:PORT")
    ] = "127.0.0.1:4317",
    folder: Annotated[
        Path | None,
        typer.Option(help="Where it is kept; by default `received` where runs are kept.", metavar="DIR"),
    ] = None,
    retention: Annotated[str, typer.Option(help="How long it is kept: 12h, 7d, 2w.")] = "7d",
    size: Annotated[str, typer.Option(help="How much is kept on disk: 500MB, 5GB.")] = "5GB",
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Senders have to carry the token in this file; needed beyond loopback.", metavar="FILE"
        ),
    ] = None,
    fsync: Annotated[
        bool, typer.Option("--fsync", help="Acknowledge only what would survive loss of power; slower.")
    ] = False,
) -> None:
    """Take telemetry pushed over OTLP, and changes pushed by a webhook, and keep them to be read as a source."""
    from andon.config import load_settings
    from andon.connectors.received import Retention, bytes_of, seconds_of
    from andon.intake import Access, Service, read_token, serve

    service = Service(
        http=_address(http),
        grpc=_address(grpc),
        folder=folder or load_settings().home / "received",
        retention=Retention(seconds_of(retention), bytes_of(size)),
        access=Access(read_token(token_file) if token_file else ""),
        fsync=fsync,
    )

    def ready(listening: Listening) -> None:
        for name, address in (("OTLP/HTTP", listening.http), ("OTLP/gRPC", listening.grpc)):
            if address is not None:
                sys.stderr.write(f"{name} on {address}\n")
        sys.stderr.write(f"keeping {retention} and at most {size} in {service.folder}; stop with Ctrl-C\n")
        sys.stderr.flush()

    serve(service, ready)


def _address(text: str) -> Address | None:
    from andon.intake import Address

    return None if text == _OFF else Address.read(text)
