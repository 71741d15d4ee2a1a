from __future__ import annotations

import pytest

from andon.connectors import CheckState, Session, Unanswered
from andon.connectors.wire import HttpConfig, HttpConnector
from andon.connectors.wire.connector import clock_check, tried
from andon.errors import ConfigError, MissingExtra
from andon.testing.imitation import Asked, Imitation, Told, json_told


class _Yes(Imitation):
    def answer(self, asked: Asked) -> Told:
        return json_told("yes")


class _Tenant(HttpConnector):
    def headers(self):
        return {"X-Scope-OrgID": "shop"}


def test_its_headers_are_sent_and_it_notes_the_clock():
    with _Yes() as server, Session(10.0) as session:
        connector = _Tenant("t", HttpConfig(kind="t", url=server.url), session)
        assert connector.clock().state is CheckState.WARNING
        assert connector.wire.get("/").json() == "yes"
        assert server.asked[0].headers["x-scope-orgid"] == "shop"
        assert connector.clock().state is CheckState.OK


def test_what_was_tried_is_told():
    assert tried("reach", lambda: "it is here").found == "it is here"


@pytest.mark.parametrize("kind", [Unanswered, ConfigError, MissingExtra])
def test_what_did_not_work_is_told_with_its_hint(kind):
    def ask():
        raise kind("no", hint="do this")

    check = tried("reach", ask)
    assert (check.state, check.found, check.hint) == (CheckState.FAILED, "no", "do this")


def test_a_programming_error_is_not_hidden():
    with pytest.raises(KeyError):
        tried("reach", lambda: {}["x"])


@pytest.mark.parametrize(
    ("skew", "words"),
    [(None, "does not say"), (60.0, "60 s ahead of"), (-60.0, "60 s behind"), (1.0, "as ours")],
)
def test_clocks(skew, words):
    assert words in clock_check(skew).found
