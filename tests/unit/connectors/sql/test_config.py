from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from andon.connectors import Session, open_class
from andon.connectors.sql import SqlConfig, SqlConnector
from andon.errors import ConfigError

TABLE = {"table": "readings", "signal": "metrics", "time": "at", "name": "tag", "value": "v"}


def configured(**options: Any) -> SqlConfig:
    with Session() as session:
        stated = {"url": "postgresql://andon@db.plant/mes", "tables": [TABLE]} | options
        config = open_class(SqlConnector, "mes", stated, session, folder=Path("/etc/andon")).config
        assert isinstance(config, SqlConfig)
        return config


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "postgresql://andon:hunter22@db/mes"}, "no password in an address"),
        ({"url": "postgresql://db/mes?sslmode=disable"}, "without `\\?`"),
        ({"url": "mes"}, "an address like"),
        ({"password": "hunter22"}, "named, not written"),
        ({"tables": []}, "at least 1"),
        ({"tables": [{**TABLE, "table": "a.b.c"}]}, "schema.name"),
        ({"tables": [{**TABLE, "values": ["x"]}]}, "one row a point"),
        ({"tables": [{**TABLE, "value": ""}]}, "one row a point"),
        ({"tables": [{**TABLE, "timezone": "+02:00"}]}, "IANA"),
        ({"tables": [{**TABLE, "service": "a", "service_is": "b"}]}, "either `service`"),
        ({"url": "sqlite:///x.db", "password": "${env:X}"}, "takes no `password`"),
    ],
)
def test_mistakes_are_told(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as raised:
        configured(**options)
    assert "hunter22" not in str(raised.value)


def test_what_is_not_on_this_machine_is_encrypted() -> None:
    assert configured().secured
    assert not configured(url="postgresql://andon@127.0.0.1/mes").secured
    assert not configured(encrypted=False).secured


def test_a_file_lies_beside_the_configuration() -> None:
    assert configured(url="sqlite:///plant.db").url == "sqlite:////etc/andon/plant.db"
    assert configured(url="sqlite:////var/plant.db").url == "sqlite:////var/plant.db"
