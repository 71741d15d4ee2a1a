from __future__ import annotations

from pathlib import Path

import pytest

from andon.connectors.lent.config import lent_config
from andon.errors import ConfigError


def test_an_address_with_its_token_named():
    stated = {
        "url": "http://localhost:8000/mcp",
        "auth": {"bearer": "${env:GRAFANA_MCP}"},
        "tools": ["query"],
    }
    config = lent_config("grafana", stated | {"limits": {"seconds": 5, "calls": 3}})
    assert config.url == "http://localhost:8000/mcp"
    assert config.auth is not None and config.auth.bearer == "${env:GRAFANA_MCP}"
    assert config.tools == ("query",)
    assert (config.limits.seconds, config.limits.bytes, config.limits.calls) == (5, 100_000, 3)


def test_a_command_with_its_environment():
    stated = {"command": ["python", "-m", "server"], "env": {"TOKEN": "${file:token}", "MODE": "quiet"}}
    config = lent_config("books", stated, folder=Path("/srv"))
    assert config.command == ("python", "-m", "server")
    assert config.env == {"TOKEN": "${file:/srv/token}", "MODE": "quiet"}


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({}, "either url or command"),
        ({"url": "http://x/mcp", "command": ["x"]}, "either url or command"),
        ({"command": [" "]}, "expected a program"),
        ({"url": "file:///etc/passwd"}, "expected an address"),
        ({"url": "http://me:hunter2@x/mcp"}, "not written into an address"),
        ({"url": "http://x/mcp", "auth": {"bearer": "hunter2"}}, "a secret is named"),
        ({"command": ["x"], "auth": {"bearer": "${env:X}"}}, "auth is for a url"),
        ({"url": "http://x/mcp", "env": {"A": "b"}}, "env is for a command"),
        ({"command": ["x"], "env": {"A-B": "c"}}, "name of a variable"),
        ({"command": ["x"], "env": {"A": "Bearer ${env:hunter2}"}}, "the whole value"),
        ({"command": "x -y"}, "expected a list"),
        ({"command": ["x"], "tool": ["y"]}, "did you mean tools"),
        ({"command": ["x"], "limits": {"seconds": 0}}, "greater than 0"),
    ],
)
def test_mistakes_are_told_with_their_key_and_without_their_value(stated: dict, words: str):
    with pytest.raises(ConfigError) as caught:
        lent_config("books", stated, origin="andon.yaml: mcp")
    told = f"{caught.value.message} {caught.value.hint}"
    assert told.startswith("andon.yaml: mcp.books")
    assert words in told
    assert "hunter2" not in told


@pytest.mark.parametrize("name", ["", "a_b", "a b", "é", "x" * 31])
def test_names_are_what_every_provider_takes(name: str):
    with pytest.raises(ConfigError, match="a name is"):
        lent_config(name, {"command": ["x"]})
