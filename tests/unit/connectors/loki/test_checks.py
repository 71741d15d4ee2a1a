"""`andon sources check` says what a person can act on."""

from __future__ import annotations

import time
from typing import Any

from andon.connectors import Check, Session, open_class
from andon.connectors.loki import LokiConnector
from andon.testing.imitations.loki import LokiEntry, LokiImitation, LokiStream


def checked(server: LokiImitation, **options: Any) -> dict[str, Check]:
    with server, Session(20.0) as session:
        connector = open_class(LokiConnector, "loki", {"url": server.url} | options, session)
        return {check.what: check for check in connector.check()}


def aged(seconds: float, **labels: str) -> LokiStream:
    return LokiStream(labels or {"app": "a"}, (LokiEntry(int((time.time() - seconds) * 1e9), "hello"),))


def test_all_is_well() -> None:
    found = checked(LokiImitation([aged(5), aged(20 * 86_400)]))
    assert {check.state for check in found.values()} == {"ok"}
    assert found["reach"].found == "Loki 3.5.0"
    assert found["labels"].found == "1 services by the label app"
    assert "back to" in found["history"].found


def test_old_records_and_those_of_the_future_are_told() -> None:
    assert "120 minutes old" in checked(LokiImitation([aged(7200)]))["logs"].found
    assert "in the future" in checked(LokiImitation([aged(5), aged(-600, app="b")]))["logs"].found


def test_labels_without_a_service_are_told() -> None:
    found = checked(LokiImitation([aged(5, color="red")]))
    assert found["labels"].state == "failed" and "color" in found["labels"].found


def test_a_missing_tenant_is_told_with_the_key_to_state() -> None:
    found = checked(LokiImitation(tenants={"red": [aged(5)]}))
    assert found["labels"].state == "failed" and "tenants" in found["labels"].hint
    assert "no org id" in found["labels"].found


def test_a_gateway_that_hides_endpoints_is_told() -> None:
    hidden = ("/loki/api/v1/status/buildinfo", "/loki/api/v1/index/stats")
    found = checked(LokiImitation([aged(5)], without=hidden))
    assert found["reach"].state == "ok" and "gateway" in found["reach"].found
    assert found["amount"].state == "failed" and "index/stats" in found["amount"].hint
