from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from andon.connectors import Session, open_class
from andon.connectors.opcua import OpcUaConfig, OpcUaConnector
from andon.errors import ConfigError

NODES = {"ns=2;s=Press.Temp": {"name": "temp"}}


def configured(**options: Any) -> OpcUaConfig:
    with Session() as session:
        stated = {"url": "opc.tcp://plc:4840", "nodes": NODES} | options
        config = open_class(OpcUaConnector, "plant", stated, session, folder=Path("/etc/andon")).config
        assert isinstance(config, OpcUaConfig)
        return config


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "http://plc"}, "an address like"),
        ({"url": "opc.tcp://user:pw@plc"}, "no user or password"),
        ({"nodes": {}}, "name `nodes`"),
        ({"nodes": {"Temp": {"name": "t"}}}, "no node id"),
        ({"browse": ["ns=2"]}, "no node id"),
        ({"certificate": "a.pem"}, "belong together"),
        ({"password": "${env:X}"}, "needs a `username`"),
    ],
)
def test_mistakes_are_told(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        configured(**options)


def test_files_lie_beside_the_configuration() -> None:
    named = {"certificate": "a.pem", "private_key": "a.key", "server_certificate": "s.der"}
    config = configured(**named)
    assert config.secured and config.server_certificate == Path("/etc/andon/s.der")
    assert not configured().secured
