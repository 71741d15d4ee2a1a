from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from andon.connectors import Check, Need, Session, open_class
from andon.connectors.prometheus import PrometheusConfig, PrometheusConnector
from andon.connectors.wire import Reply
from andon.telemetry import Status, Window
from andon.testing.imitations.prometheus import PrometheusImitation
from andon.testing.imitations.promql import StoredSeries

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["metric", "values", "value", "alertname", "groups", "andon_ask"]), inner
        )
    ),
    max_leaves=8,
)
NEED = Need(Window(1_781_863_200.0, 1_781_863_500.0))


def checked(server: PrometheusImitation, **options: Any) -> dict[str, Check]:
    with Session(10.0) as session:
        connector = open_class(PrometheusConnector, "prom", {"url": server.url, **options}, session)
        return {check.what: check for check in connector.check()}


def now(name: str, **labels: str) -> StoredSeries:
    return StoredSeries({"__name__": name, **labels}, [time.time() - 20], [1.0])


def test_check_tells_what_there_is() -> None:
    series = [
        now("up", job="a"),
        now("go_threads", job="a"),
        now("ALERTS", alertname="x", alertstate="firing"),
    ]
    with PrometheusImitation(series) as server:
        found = checked(server)
    assert found["reach"].found == "Prometheus 2.42.0"
    assert found["metrics"].found.startswith("3 metrics of 3 series; not read: ")
    assert "inside of a language's runtime: 1" in found["metrics"].found
    assert found["services"].found == "named by job" and found["alerts"].found == "1 fire"
    assert found["retention"].found == "keeps 15d"


def test_check_warns_where_nothing_is_in_scope_or_nothing_names_services() -> None:
    with PrometheusImitation([now("up", zone="a")]) as server:
        found = checked(server)
        outside = checked(server, scope={"match": {"zone": ["b"]}})
    assert found["services"].state == "warning" and "service_labels" in found["services"].hint
    assert outside["metrics"].state == "warning" and "scope" in outside["metrics"].hint


def test_the_tenant_is_sent_and_told() -> None:
    series = [StoredSeries({"__name__": "up", "job": "a"}, [NEED.window.start + 60], [1.0])]
    with PrometheusImitation(series, tenant="shop") as server, Session(10.0) as session:
        mine = open_class(PrometheusConnector, "mimir", {"url": server.url, "tenant": "shop"}, session)
        result = mine.metrics(NEED)
        other = open_class(PrometheusConnector, "other", {"url": server.url}, session).metrics(NEED)
    assert result.status is Status.OK and {fetch.place for fetch in result.fetches} == {"shop"}
    assert other.status is Status.DENIED


@pytest.mark.parametrize(
    "options", [{"include": ["("]}, {"scope": {"match": {"a-b": ["x"]}}}, {"max_series": 0}]
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PrometheusConfig.model_validate({"kind": "prometheus", "url": "http://x", **options})


@settings(max_examples=40, deadline=None)
@given(st.lists(JSON, max_size=3), st.booleans())
def test_anything_may_come(result: list[Any], names: bool) -> None:
    with Session(10.0) as session:
        connector = open_class(PrometheusConnector, "prom", {"url": "http://127.0.0.1:9"}, session)

        def told(path: str, *args: Any, **options: Any) -> Reply:
            data: Any = {"result": result} if "query" in path else result
            if "values" in path and names:
                data = ["up", "requests_total", "x_bucket", "x_count", "x_sum"]
            return Reply(200, {}, orjson.dumps({"status": "success", "data": data}))

        connector.wire.get = connector.wire.post = told  # type: ignore[attr-defined]
        for answer in (connector.metrics(NEED), connector.alerts(NEED)):
            assert isinstance(answer.status, Status)
        connector.check()
