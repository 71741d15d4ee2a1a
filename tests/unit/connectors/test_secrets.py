from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from pydantic import BaseModel, ValidationError

from andon.connectors.secrets import Secret, Vault
from andon.errors import ConfigError


class _Config(BaseModel):
    token: Secret


@pytest.mark.parametrize(
    "written", ["hunter2", "$TOKEN", "${TOKEN}", "x${env:TOKEN}", "${env:}", "${cmd:id}", ""]
)
def test_a_secret_is_named_and_not_written(written):
    with pytest.raises(ValidationError) as caught:
        _Config(token=written)
    assert "named, not written" in str(caught.value)


def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("DOOR_TOKEN", "open sesame")
    assert Vault().reveal("${env:DOOR_TOKEN}") == "open sesame"
    monkeypatch.setenv("DOOR_TOKEN", "")
    with pytest.raises(ConfigError, match="empty"):
        Vault().reveal("${env:DOOR_TOKEN}")
    monkeypatch.delenv("DOOR_TOKEN")
    with pytest.raises(ConfigError, match="DOOR_TOKEN is not set") as caught:
        Vault().reveal("${env:DOOR_TOKEN}")
    assert caught.value.hint == "export DOOR_TOKEN=…"


def test_from_a_file_beside_the_configuration(tmp_path):
    (tmp_path / "token").write_text("open sesame\n")
    config = _Config.model_validate({"token": "${file:token}"}, context={"folder": tmp_path})
    assert Vault().reveal(config.token) == "open sesame"
    with pytest.raises(ConfigError, match="cannot be read"):
        Vault().reveal("${file:/no/such/file}")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        Vault().reveal(f"${{file:{tmp_path}/bytes}}")


def test_known_secrets_are_hidden_longest_first():
    vault = Vault()
    for value in ("open", "open sesame", "abc"):
        vault.know(value)
    assert vault.hide("he said open sesame, open, abc") == "he said ***, ***, abc"


def test_line_breaks_around_a_secret_are_not_part_of_it(monkeypatch):
    monkeypatch.setenv("DOOR_TOKEN", "open sesame\r\n")
    assert Vault().reveal("${env:DOOR_TOKEN}") == "open sesame"


@pytest.mark.parametrize(
    "written",
    [
        quote('ö pen/"sesame"'),
        quote('ö pen/"sesame"', safe=""),
        quote_plus('ö pen/"sesame"'),
        json.dumps('ö pen/"sesame"'),
        json.dumps('ö pen/"sesame"', ensure_ascii=False),
        base64.b64encode('ö pen/"sesame"'.encode()).decode(),
    ],
)
def test_a_secret_is_known_in_other_spellings(written):
    vault = Vault()
    vault.know('ö pen/"sesame"')
    told = vault.hide(f"you sent {written}, did you?")
    assert "sesame" not in told and written not in told and "***" in told
