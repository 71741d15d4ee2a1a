from __future__ import annotations

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.prometheus.api import Flavour, PrometheusApi, QueryRefused
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply
from andon.telemetry import Window

WINDOW = Window(0.0, 60.0)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "data", "result", "version", "warnings"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


class Told:
    """A wire that always gets the same answer."""

    def __init__(self, body: Any, status: int = 200, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        self.reply = Reply(status, headers, raw)
        self.methods: list[str] = []

    def get(self, path: str, params: Any = (), **options: Any) -> Reply:
        self.methods.append("GET")
        return self.reply

    def post(self, path: str, params: Any = (), **options: Any) -> Reply:
        self.methods.append("POST")
        return self.reply


def api(body: Any, status: int = 200, **headers: str) -> PrometheusApi:
    return PrometheusApi(Told(body, status, **headers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "flavour"),
    [
        (api({"status": "success", "data": {"version": "2.42.0"}}), Flavour.PROMETHEUS),
        (api({"status": "success", "data": {"version": "0.34.1"}}), Flavour.THANOS),
        (
            api({"status": "success", "data": {"version": "2.9", "application": "Grafana Mimir"}}),
            Flavour.MIMIR,
        ),
        (api({"status": "success", "data": {}}, **{"x-server-hostname": "vm"}), Flavour.VICTORIAMETRICS),
    ],
)
def test_who_answers(told: PrometheusApi, flavour: Flavour) -> None:
    assert told.build().flavour is flavour


def test_refusals_are_told_in_its_words() -> None:
    for status, kind in ((400, "bad_data"), (422, "execution"), (422, "422")):
        refused = api({"status": "error", "errorType": kind, "error": "too many samples"}, status)
        with pytest.raises(QueryRefused, match=rf"{status}, {kind}\): too many samples"):
            refused.instant("up", 0.0)
    with pytest.raises(Unanswered, match="no such page"):
        api(b"404 page not found", 404).stated("rules")
    with pytest.raises(Unanswered, match="does not offer"):
        api(b"unsupported path requested", 400).stated("status/flags")


def test_warnings_ride_on_success() -> None:
    told = {"status": "success", "data": {"result": []}, "warnings": ["a", "a"], "isPartial": True}
    told |= {"infos": ["PromQL info: metric might not be a counter, name does not end in _total"]}
    assert api(told).instant("up", 0.0).warnings == (
        "it warns: a",
        "some of its storage nodes did not answer",
    )


def test_long_queries_are_posted() -> None:
    wire = Told({"status": "success", "data": {"result": []}})
    asked = PrometheusApi(wire)  # type: ignore[arg-type]
    asked.over("up", WINDOW, 15.0)
    asked.over(" or ".join(["up"] * 500), WINDOW, 15.0)
    assert wire.methods == ["GET", "POST"]


@given(JSON, st.sampled_from([200, 400, 404, 422]))
def test_anything_may_come(body: Any, status: int) -> None:
    told = api(body, status)
    for ask in (
        told.build,
        lambda: told.instant("up", 0.0),
        lambda: told.labels("{}", WINDOW),
        lambda: told.values("job", "{}", WINDOW),
        lambda: told.stated("rules"),
    ):
        with contextlib.suppress(Unanswered):
            ask()
