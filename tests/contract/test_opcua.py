"""The OPC UA connector keeps the contract; its faults are made by hand. A server is in tests/live."""

from __future__ import annotations

import time
from typing import Any

import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.opcua import OpcUaConnector
from andon.telemetry import Status, Window
from andon.testing.imitations.faulty_line import FaultyLine, LineFault

SECRET = "s3cr3t-password-of-the-contract"
DEADLINE = 3.0
TOLERANCE = 2.0
NEED = Need(Window(1_781_863_000.0, 1_781_866_000.0))
DENIED = (
    b"ERRF"
    + (16 + 0).to_bytes(4, "little")
    + (0x80550000).to_bytes(4, "little")
    + (0xFFFFFFFF).to_bytes(4, "little")
)
"""An error message of OPC UA TCP (part 6, 7.1.2.5): BadSecurityPolicyRejected, and no reason."""


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDON_CONTRACT_SECRET", SECRET)


def opened(port: int, session: Session, **options: Any) -> OpcUaConnector:
    stated = {
        "url": f"opc.tcp://127.0.0.1:{port}",
        "username": "andon",
        "password": "${env:ANDON_CONTRACT_SECRET}",
        "nodes": {"ns=2;s=Press.Temp": {"name": "temp"}},
        "limits": {"timeout": 2.0},
    } | options
    connector = open_class(OpcUaConnector, "under-test", stated, session)
    assert isinstance(connector, OpcUaConnector)
    return connector


@pytest.mark.parametrize(
    ("fault", "says", "words"),
    [
        (LineFault.REFUSED, b"", "cannot be reached"),
        (LineFault.STALLED, b"", "stopped answering"),
        (LineFault.DROPPED, b"", ""),
        (LineFault.GARBAGE, b"", ""),
        (LineFault.SAID, DENIED, ""),
    ],
)
def test_a_fault_is_told_and_nothing_breaks(fault: LineFault, says: bytes, words: str) -> None:
    with FaultyLine(fault, says=says) as line, Session(DEADLINE) as session:
        connector = opened(line.port, session)
        began = time.monotonic()
        result = connector.metrics(NEED)
        assert time.monotonic() - began < DEADLINE + TOLERANCE
        assert result.status is Status.FAILED and not result.count and words in result.problems[0].message, (
            result
        )
        checks = connector.check()
        assert checks[0].state == "failed" and SECRET not in repr((result, checks))


def test_cancelling_ends_it_at_once() -> None:
    with FaultyLine(LineFault.STALLED) as line, Session(60.0) as session:
        connector = opened(line.port, session)
        session.cancel()
        began = time.monotonic()
        assert connector.metrics(NEED).status is Status.FAILED
        assert time.monotonic() - began < TOLERANCE


def test_a_certificate_that_is_not_there_is_a_mistake_of_the_configuration() -> None:
    named = {"certificate": "absent.pem", "private_key": "absent.key", "server_certificate": "absent.der"}
    with FaultyLine(LineFault.STALLED) as line, Session(DEADLINE) as session:
        checks = opened(line.port, session, **named).check()
        assert checks[0].state == "failed" and "cannot be used" in checks[0].found
