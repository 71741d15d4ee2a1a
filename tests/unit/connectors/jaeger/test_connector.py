from __future__ import annotations

import time

from andon.connectors import CheckState, Need
from andon.telemetry import Status, Window

T = 1_781_863_000.0
NEED = Need(Window(T, T + 3600))


def test_scope_of_services(jaeger, spans_of) -> None:
    connector, server = jaeger(spans_of(20, 3600), config={"scope": {"services": ["pay"]}})
    result = connector.spans(NEED)
    assert (result.status, result.count, list(result.value.services)) == (Status.OK, 20, ["pay"])
    assert {asked.param("service") for asked in server.asked} <= {"", "pay"}
    assert connector.services(NEED).value == ("pay",)
    asked = len(server.asked)
    refused = connector.spans(Need(NEED.window, services=("gateway",)))
    assert (refused.status, len(server.asked)) == (Status.DENIED, asked)


def test_scope_of_tags_is_sent_and_applied_again(jaeger, spans_of) -> None:
    zones = {"gateway": {"zone": "us"}, "pay": {"zone": "eu"}}
    connector, server = jaeger(
        spans_of(20, 3600), config={"scope": {"tags": {"zone": "eu"}}}, resources=zones
    )
    result = connector.spans(NEED)
    assert (result.count, list(result.value.services)) == (20, ["pay"])
    assert {asked.param("tags") for asked in server.asked if asked.param("service")} == {'{"zone": "eu"}'}


def test_tenants(jaeger, spans_of) -> None:
    connector, _ = jaeger(spans_of(5, 60), tenant="a", config={"scope": {"tenant": {"x-tenant": "a"}}})
    assert connector.spans(NEED).count == 15
    nobody, _ = jaeger(spans_of(5, 60), tenant="a")
    assert nobody.spans(NEED).status is Status.DENIED
    failed = [check for check in nobody.check() if check.state is CheckState.FAILED]
    assert "scope.tenant" in failed[0].hint


def test_only_the_entry_services_are_asked(jaeger, spans_of) -> None:
    connector, server = jaeger(spans_of(20, 3600), config={"entry_services": ["gateway"]})
    assert connector.spans(NEED).count == 60
    assert {asked.param("service") for asked in server.asked} == {"gateway"}


def test_calls_between_services(jaeger, spans_of) -> None:
    connector, _ = jaeger(spans_of(20, 3000, start=time.time() - 3600), prefix="/jaeger")
    found = connector.topology()
    assert [(one.source, one.destination, one.calls) for one in found.value.relationships] == [
        ("gateway", "pay", 20)
    ]
    old, _ = jaeger(spans_of(20, 3600))
    assert old.topology().status is Status.EMPTY


def test_check(jaeger, spans_of) -> None:
    connector, _ = jaeger(spans_of(50, 7200, start=time.time() - 7 * 86_400 - 5400))
    found = {check.what: check.found for check in connector.check()}
    assert found["reach"] == "2 services"
    assert found["traces"] == "readable, 7 days back and more"
    assert "dependencies job" in found["service calls"]


def test_nothing_there(jaeger, spans_of) -> None:
    connector, _ = jaeger(spans_of(5, 60))
    assert connector.spans(Need(Window(T - 900, T - 100))).status is Status.EMPTY
    assert connector.spans(Need(Window(T, T))).status is Status.EMPTY
