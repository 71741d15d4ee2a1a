"""`andon receive` from outside: what it says, what it refuses, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from andon.connectors.received import ReceivedStore
from andon.telemetry import Window

PROGRAM = """
import sys
import typer
from andon.cli.output import complain
from andon.cli.receive import receive
from andon.errors import AndonError
app = typer.Typer(pretty_exceptions_enable=False)
app.command()(receive)
try:
    app()
except AndonError as error:
    complain(error)
    sys.exit(error.exit_code)
"""


@contextmanager
def started(home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "ANDON_HOME": str(home)}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *options], stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_says_where_it_listens_and_what_it_keeps(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc")
    with started(
        tmp_path,
        "--http",
        "127.0.0.1:0",
        "--grpc",
        "off",
        "--retention",
        "2d",
        "--token-file",
        str(tmp_path / "token"),
    ) as process:
        assert process.stderr is not None
        first, second = process.stderr.readline(), process.stderr.readline()
        found = re.fullmatch(r"OTLP/HTTP on 127\.0\.0\.1:(\d+)\n", first)
        assert found, first
        assert "keeping 2d and at most 5GB" in second and str(tmp_path / "received") in second
        body = json.dumps({"kind": "deploy", "action": "rollout", "target": "orders", "time": 7}).encode()
        headers = {"content-type": "application/json", "authorization": "Bearer abc"}
        request = urllib.request.Request(f"http://127.0.0.1:{found[1]}/v1/changes", body, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert ReceivedStore.open(tmp_path / "received").changes(Window(0.0, 10.0)).count == 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--http", "0.0.0.0:0"), "no token is asked for"),
        (("--http", "4318"), "is no address"),
        (("--retention", "forever"), "is no duration"),
        (("--size", "many"), "is no size"),
        (("--http", "off", "--grpc", "off"), "neither HTTP nor gRPC"),
        (("--token-file", "missing"), "cannot be read"),
    ],
)
def test_what_it_cannot_do_it_refuses_with_a_hint(
    tmp_path: Path, options: tuple[str, ...], complaint: str
) -> None:
    with started(tmp_path, *options) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert complaint in errors and "hint: " in errors
    assert not (tmp_path / "received").exists()
