from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import CheckState, Need, Session, open_class
from andon.connectors.alertmanager import AlertmanagerConnector
from andon.connectors.wire import Reply
from andon.telemetry import Alert, Result, Status, Window
from andon.testing.imitation import Asked, Imitation, Told
from andon.testing.imitations.alertmanager import AlertmanagerImitation, FiringAlert

AT = 1_781_864_400.0
NEED = Need(Window(AT - 600, AT + 600))
ALERTS = [
    FiringAlert({"alertname": "DoorsDown", "job": "shop/bff", "zone": "a.b"}, AT, {"summary": "Doors"}),
    FiringAlert({"alertname": "Late", "service": "payroll", "zone": "x"}, AT + 60, silenced=True),
    FiringAlert({"alertname": "Watchdog", "zone": "a.b"}, AT + 900),
]


def read(need: Need = NEED, **options: Any) -> Result[tuple[Alert, ...]]:
    with AlertmanagerImitation(ALERTS) as server, Session(10.0) as session:
        return open_class(AlertmanagerConnector, "am", {"url": server.url, **options}, session).alerts(need)


def test_alerts_that_began_before_the_end_of_the_window() -> None:
    result = read()
    assert [(a.name, a.service, a.silenced) for a in result.value] == [
        ("DoorsDown", "bff", False),
        ("Late", "payroll", True),
    ]
    assert result.value[0].summary == "Doors" and result.value[0].end is None


def test_scope_takes_values_as_they_are() -> None:
    assert [a.name for a in read(scope={"match": {"zone": ["a.b"]}}).value] == ["DoorsDown"]
    assert read(scope={"match": {"zone": ["a|x"]}}).status is Status.EMPTY


def test_services_narrow_and_what_is_outside_is_denied() -> None:
    late = Need(Window(AT, AT + 1000), services=("payroll",))
    assert [a.name for a in read(late).value] == ["Late", "Watchdog"], "one of nobody may be of anybody"
    denied = read(late, scope={"match": {"service": ["bff"]}})
    assert denied.status is Status.DENIED and not denied.fetches


def test_something_else_at_the_address_is_asked_about() -> None:
    class Other(Imitation):
        def answer(self, asked: Asked) -> Told:
            return Told(404, b"404 page not found")

    with Other() as server, Session(10.0) as session:
        opened = open_class(AlertmanagerConnector, "am", {"url": server.url}, session)
        (reach,) = opened.check()
        (problem,) = opened.alerts(NEED).problems
    assert reach.state is CheckState.FAILED and "404" in reach.found
    assert reach.hint == problem.hint == "is this the address of an Alertmanager?"


def test_malformed_alerts_are_counted_and_left_out() -> None:
    whole = {"labels": {"alertname": "A", "n": 1}, "startsAt": "2026-06-19T10:00:00Z", "fingerprint": "f"}
    result = told([whole, {"labels": {}}, 5, {**whole, "startsAt": "soon"}])
    assert [a.name for a in result.value] == ["A"] and result.status is Status.PARTIAL
    assert "3 alerts are malformed" in result.problems[0].message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "2026-06-19T10:00:00Z", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["labels", "annotations", "status", "startsAt", "fingerprint", "summary", "silencedBy"]
            ),
            inner,
        )
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(JSON)
def test_anything_may_come(body: Any) -> None:
    assert isinstance(told(body).status, Status)


def told(body: Any) -> Result[tuple[Alert, ...]]:
    with Session(10.0) as session:
        connector = open_class(AlertmanagerConnector, "am", {"url": "http://127.0.0.1:9"}, session)
        connector.wire.get = lambda *args, **options: Reply(200, {}, orjson.dumps(body))  # type: ignore[attr-defined]
        return connector.alerts(NEED)
