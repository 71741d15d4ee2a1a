"""The MQTT connector keeps the contract; its faults are made by hand. A real broker is in tests/live."""

from __future__ import annotations

import time
from typing import Any

import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.mqtt import MqttConnector
from andon.telemetry import Status, Window
from andon.testing.imitations.faulty_line import FaultyLine, LineFault

SECRET = "s3cr3t-password-of-the-contract"
DEADLINE = 3.0
TOLERANCE = 2.0
BAD_PASSWORD = bytes([0x20, 3, 0, 134, 0])
"""CONNACK of MQTT 5.0 with reason code 134 and no properties."""


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDON_CONTRACT_SECRET", SECRET)


def opened(port: int, session: Session, scheme: str = "mqtt", **options: Any) -> MqttConnector:
    stated = {
        "url": f"{scheme}://localhost:{port}",
        "username": "andon",
        "password": "${env:ANDON_CONTRACT_SECRET}",
        "topics": ["site/#"],
        "listen": 1.0,
        "limits": {"timeout": 2.0},
    } | options
    connector = open_class(MqttConnector, "under-test", stated, session)
    assert isinstance(connector, MqttConnector)
    return connector


def need() -> Need:
    return Need(Window(time.time() - 60, time.time() + 60))


FAULTS = {
    "refused": (LineFault.REFUSED, b"", "mqtt", Status.FAILED, "cannot be reached"),
    "stalled": (LineFault.STALLED, b"", "mqtt", Status.FAILED, "did not let us in"),
    "dropped": (LineFault.DROPPED, b"", "mqtt", Status.FAILED, "broke off"),
    "garbage": (LineFault.GARBAGE, b"", "mqtt", Status.FAILED, ""),
    "wrong password": (LineFault.SAID, BAD_PASSWORD, "mqtt", Status.DENIED, "does not let us in"),
    "untrusted": (LineFault.UNTRUSTED, b"", "mqtts", Status.FAILED, "cannot be trusted"),
    "no TLS": (LineFault.GARBAGE, b"", "mqtts", Status.FAILED, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_is_told_and_nothing_breaks(name: str) -> None:
    fault, says, scheme, status, words = FAULTS[name]
    with FaultyLine(fault, says=says) as line, Session(DEADLINE) as session:
        connector = opened(line.port, session, scheme)
        began = time.monotonic()
        result = connector.metrics(need())
        assert time.monotonic() - began < DEADLINE + TOLERANCE
        assert result.status is status and not result.count and words in result.problems[0].message, result
        checks = connector.check()
        assert any(check.state == "failed" for check in checks)
        assert SECRET not in repr((result, checks))


def test_cancelling_ends_it_at_once() -> None:
    with FaultyLine(LineFault.STALLED) as line, Session(60.0) as session:
        connector = opened(line.port, session)
        session.cancel()
        began = time.monotonic()
        assert connector.metrics(need()).status is Status.FAILED
        assert time.monotonic() - began < TOLERANCE


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "http://broker"}, "an address like"),
        ({"url": "mqtt://user:pw@broker"}, "no user or password"),
        ({"topics": []}, "at least 1"),
        ({"topics": ["a/#/b"]}, "no topic filter"),
        ({"username": ""}, "needs a `username`"),
        ({"json_topics": [{"topic": "a/{b"}]}, "no level of a topic"),
    ],
)
def test_mistakes_are_told(options: dict[str, Any], words: str) -> None:
    from andon.errors import ConfigError

    with Session() as session, pytest.raises(ConfigError, match=words):
        opened(1, session, **options)
