from __future__ import annotations

import signal

import pytest

from andon.demo.estate import Estate
from andon.errors import AndonError, MissingExtra


def test_an_estate_that_is_not_started_has_nothing():
    estate = Estate()
    assert estate.pids == {}
    assert estate.failures == []
    with pytest.raises(AndonError, match="not started"):
        _ = estate.settings
    estate.stop()


def test_the_handler_of_sigterm_is_given_back():
    before = signal.getsignal(signal.SIGTERM)
    with Estate():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_without_the_extra_nothing_is_started(monkeypatch):
    monkeypatch.setattr("andon.demo.extras.importlib.import_module", _absent)
    with Estate() as estate, pytest.raises(MissingExtra, match="amqtt"):
        estate.start(seed=1)
    assert estate.pids == {}


def _absent(name: str) -> None:
    raise ImportError(name)
