from __future__ import annotations

import traceback

import pytest

from andon import plugins
from andon.connectors import Connector, Session, connector_class, connector_kinds, open_connector
from andon.connectors.alertmanager import AlertmanagerConnector
from andon.errors import ConfigError


@pytest.fixture
def session():
    with Session() as session:
        yield session


def test_every_kind_that_is_offered_can_be_used():
    for kind in connector_kinds():
        offered = connector_class(kind)
        assert offered.kind == kind
        assert offered.title and offered.signals and offered.proved, kind
        assert all(field.annotation is not None for field in offered.Config.model_fields.values())


def test_a_connector_is_opened_from_its_options(session, tmp_path):
    options = {"kind": "alertmanager", "url": "http://localhost:9093/", "tls": {"ca": "ca.pem"}}
    found = open_connector("alerts", options, session, folder=tmp_path)
    assert isinstance(found, AlertmanagerConnector)
    assert (found.name, found.config.url) == ("alerts", "http://localhost:9093")
    assert found.config.tls.ca == tmp_path / "ca.pem"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "url: Field required"),
        ({"url": "localhost"}, "url: an address like"),
        ({"url": "http://u:p@h"}, "no user or password"),
        ({"url": "http://h?x=1"}, "without `?`"),
        ({"url": "http://h", "uri": 1}, "uri: no such key, did you mean url?"),
        ({"url": "http://h", "auth": {"bearer": "abc"}}, "auth.bearer: a secret is named"),
        ({"url": "http://h", "auth": {"username": "u"}}, "belong together"),
        ({"url": "http://h", "limits": {"timeout": 0}}, "limits.timeout"),
    ],
)
def test_a_mistake_is_told_with_its_key_and_without_what_was_written(options, told, session):
    with pytest.raises(ConfigError) as caught:
        open_connector(
            "alerts", {"kind": "alertmanager", **options}, session, origin="andon.yaml: sources.alerts"
        )
    assert caught.value.message.startswith("andon.yaml: sources.alerts.")
    assert told in caught.value.message
    assert "abc" not in caught.value.message


def test_an_unknown_kind_lists_the_known(session):
    with pytest.raises(ConfigError, match="'promethius' is not known") as caught:
        open_connector("x", {"kind": "promethius"}, session)
    assert "prometheus" in caught.value.hint


def test_what_is_no_connector_is_refused(monkeypatch):
    monkeypatch.setattr(plugins, "load", lambda group, name: dict)
    with pytest.raises(ConfigError, match="no connector"):
        connector_class("anything")


def test_a_class_that_lacks_what_it_must_state_is_refused(monkeypatch):
    class Half(Connector):
        kind, title = "half", "Half"
        Config = dict  # type: ignore[assignment]

    monkeypatch.setattr(plugins, "load", lambda group, name: Half)
    with pytest.raises(ConfigError, match="Half does not state signals, proved, Config"):
        connector_class("half")


def test_what_was_written_is_in_no_traceback(session):
    with pytest.raises(ConfigError) as caught:
        open_connector(
            "a", {"kind": "alertmanager", "url": "http://h", "auth": {"bearer": "abc-def"}}, session
        )
    assert "abc-def" not in "".join(traceback.format_exception(caught.value))
