from __future__ import annotations

import time

import pytest

from andon.connectors import CheckState, Need, Session, open_class
from andon.connectors.tempo import TempoConnector
from andon.telemetry import Status, Window
from andon.testing.imitations.tempo import TempoImitation

T = 1_781_863_000.0
NEED = Need(Window(T, T + 3600))
NAMESPACES = {"gateway": {"k8s.namespace.name": "edge"}, "pay": {"k8s.namespace.name": "shop"}}


@pytest.mark.parametrize("version", ["2.8.2", "2.6.1"])
def test_scope_is_sent_and_applied_again(tempo, spans_of, version: str) -> None:
    scope = {"match": {"resource.k8s.namespace.name": ["shop"]}}
    connector, server = tempo(spans_of(20, 3600), scope=scope, resources=NAMESPACES, version=version)
    result = connector.spans(NEED)
    assert (result.status, result.count, list(result.value.services)) == (Status.OK, 20, ["pay"])
    sent = [asked.param("q") for asked in server.asked if asked.path == "/api/search"]
    assert sent and all('resource.k8s.namespace.name = "shop"' in query for query in sent)
    assert connector.services(NEED).value == ("pay",)


def test_a_service_outside_the_scope_is_refused_before_anything_is_sent(tempo, spans_of) -> None:
    connector, server = tempo(spans_of(5, 60), scope={"match": {"resource.service.name": ["pay"]}})
    result = connector.spans(Need(NEED.window, services=("gateway",)))
    assert (result.status, result.count, server.asked) == (Status.DENIED, 0, [])
    assert "outside the scope of source traces" in result.problems[0].message


def test_tenants_see_their_own(tempo, spans_of) -> None:
    connector, server = tempo(spans_of(5, 60), scope={"tenant": "a"}, tenant="a")
    server.add(spans_of(9, 60, seed=3), tenant="b")
    assert connector.spans(NEED).count == 15
    assert connector.spans(NEED).fetches[0].place
    assert {asked.headers["x-scope-orgid"] for asked in server.asked} == {"a"}


def test_no_tenant_where_one_is_needed(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(5, 60), tenant="a")
    assert connector.spans(NEED).status is Status.DENIED
    failed = [check for check in connector.check() if check.state is CheckState.FAILED]
    assert "scope.tenant" in failed[0].hint


def test_services(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(5, 60))
    assert connector.services(NEED).value == ("gateway", "pay")
    assert connector.services(Need(Window(T + 9000, T + 9001))).status is Status.EMPTY


def test_nothing_there(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(5, 60))
    assert connector.spans(Need(Window(T - 900, T - 100))).status is Status.EMPTY
    assert connector.spans(Need(Window(T, T))).status is Status.EMPTY


@pytest.mark.parametrize(("version", "words"), [("2.8.2", "read with the search"), ("2.4.0", "one by one")])
def test_check(tempo, spans_of, version: str, words: str) -> None:
    old = spans_of(5, 3000, start=time.time() - 8 * 86_400)
    connector, _ = tempo(old, version=version)
    found = {check.what: check.found for check in connector.check()}
    assert found["reach"] == f"Tempo {version}"
    assert words in found["traces"] and "none in the last hour" in found["traces"]
    assert found["how far back"] == "less than a day"
    assert found["clock"] == "as ours"


def test_check_tells_how_far_back(tempo, spans_of) -> None:
    connector, _ = tempo(spans_of(50, 7200, start=time.time() - 7 * 86_400 - 5400))
    assert {check.what: check.found for check in connector.check()}["how far back"] == "7 days and more"


def test_check_behind_a_gateway_that_hides_the_version() -> None:
    class Hidden(TempoImitation):
        def answer(self, asked):
            hidden = asked.path == "/api/status/buildinfo"
            return (
                super().answer(asked) if not hidden else super().answer(type(asked)("GET", "/", (), {}, b""))
            )

    with Hidden() as server, Session(10.0) as session:
        connector = open_class(TempoConnector, "t", {"url": server.url}, session)
        assert connector.check()[0].found == "Tempo, which does not say its version"
