"""A moto server for the tests that ask it, and keys with which it lets them in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

__all__ = ["moto_running", "signed_in"]


@contextmanager
def moto_running() -> Iterator[str]:
    """The address of a server that runs while the block lasts; skips the test where moto is not installed."""
    moto = pytest.importorskip("moto.server", reason="moto is not installed here")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that mean something to moto only, and nothing of those of this machine."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any-secret-key")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
