from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from andon import plugins
from andon.connectors.alertmanager import AlertmanagerConnector
from andon.errors import ConfigError, MissingExtra


def offer(monkeypatch, **points):
    made = [EntryPoint(name, value, plugins.CONNECTORS) for name, value in points.items()]
    monkeypatch.setattr(plugins, "entry_points", lambda group: made)


def test_our_own_are_registered_as_anyones():
    assert plugins.load(plugins.CONNECTORS, "alertmanager") is AlertmanagerConnector
    assert list(plugins.named(plugins.CONNECTORS)) == sorted(plugins.named(plugins.CONNECTORS))


def test_an_unknown_name_lists_the_known_ones(monkeypatch):
    offer(monkeypatch, mine="json:loads")
    with pytest.raises(ConfigError) as caught:
        plugins.load(plugins.CONNECTORS, "yours")
    assert caught.value.hint == "one of mine"


def test_what_a_package_lacks_or_breaks_is_told(monkeypatch):
    offer(monkeypatch, absent="no_such_package:X", gone="json:no_such_name", broken="andon.testing.breaks:X")
    with pytest.raises(MissingExtra, match="no_such_package"):
        plugins.load(plugins.CONNECTORS, "absent")
    with pytest.raises(ConfigError, match="cannot be used"):
        plugins.load(plugins.CONNECTORS, "gone")


@pytest.mark.parametrize("body", ["raise RuntimeError('no')", "import sys; sys.exit(3)", "X ="])
def test_a_package_that_breaks_when_it_is_imported_does_not_end_andon(monkeypatch, tmp_path, body):
    (tmp_path / "breaks_at_import.py").write_text(body)
    monkeypatch.syspath_prepend(tmp_path)
    offer(monkeypatch, broken="breaks_at_import:X", mine="json:loads")
    with pytest.raises(ConfigError, match="broken: breaks_at_import:X cannot be used"):
        plugins.load(plugins.CONNECTORS, "broken")
    assert plugins.load(plugins.CONNECTORS, "mine")
