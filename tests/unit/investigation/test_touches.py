from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.findings import Model, Seen
from andon.investigation.tools.architecture import Architecture, fuse
from andon.investigation.touches import touched
from andon.storage import Ledger
from andon.telemetry import ChangeEvent, ChangeKind, Element, ElementKind, Relationship, Status, Topology

DECLARED = Topology(
    (
        Element("orders", ElementKind.CONTAINER, "Order Service"),
        Element("ledger", ElementKind.CONTAINER, "Ledger"),
        Element("rules", ElementKind.INFRASTRUCTURE_NODE, "Firewall", properties={"aws.id": "sg-0a1b2c"}),
        Element("node", ElementKind.DEPLOYMENT_NODE, "Machine", properties={"aws.id": "i-777888"}),
        Element("node.ledger", ElementKind.CONTAINER_INSTANCE, "Ledger", parent="node", instance_of="ledger"),
        *(
            Element(f"many{i}", ElementKind.CONTAINER, f"Many {i}", properties={"owner": "team-red"})
            for i in range(5)
        ),
    ),
    (Relationship("rules", "node.ledger"), Relationship("orders", "ledger")),
)


def model() -> Model:
    fused: Architecture = fuse(DECLARED, ["orders", "ledger", "payments-service"], {})
    seen = Ledger().record("architecture", "prod", {}, window=None, status=Status.OK, count=1, content=None)
    return Model((Seen(seen, fused),))


def change(target: str = "", kind: ChangeKind = ChangeKind.CONTROL_PLANE, **more: Any) -> ChangeEvent:
    return ChangeEvent("c1", 0.0, kind, "Change", target, **more)


@pytest.mark.parametrize(
    "target", ["orders", "Order Service", "arn:aws:ecs:eu:1:service/orders", "payments-service"]
)
def test_a_target_that_names_an_element(target: str) -> None:
    first = touched(change(target), model(), {})[0]
    assert first.element == ("payments-service" if target == "payments-service" else "orders")
    assert first.element in first.reach
    assert first.how


def test_identifiers_are_found_deep_in_the_parameters() -> None:
    event = change("x", parameters={"rules": [{"group": {"id": "sg-0a1b2c"}}]})
    assert touched(event, model(), {})[0].element == "rules"


def test_infrastructure_reaches_what_stands_next_to_it() -> None:
    (touch,) = touched(change("sg-0a1b2c"), model(), {})
    assert "ledger" in touch.reach


def test_a_machine_reaches_what_runs_on_it() -> None:
    (touch,) = touched(change("i-777888"), model(), {})
    assert "ledger" in touch.reach


def test_the_target_comes_before_other_resources() -> None:
    found = [touch.element for touch in touched(change("ledger", resources=("orders",)), model(), {})]
    assert found[0] == "ledger"
    assert found[-1] == "orders"


def test_a_commit_touches_what_it_was_deployed_to() -> None:
    commit = change("repository", ChangeKind.COMMIT, commit="abc123")
    assert touched(commit, model(), {"abc123": "ledger"})[0].element == "ledger"


def test_a_commit_touches_the_service_in_the_paths_of_its_files() -> None:
    commit = change("repository", ChangeKind.COMMIT, files=("src/payments/charge.py",))
    assert [touch.element for touch in touched(commit, model(), {})] == ["payments-service"]


@pytest.mark.parametrize("target", ["", "x", "team-red", "nobody-knows-this"])
def test_what_names_nothing_or_too_much_touches_nothing(target: str) -> None:
    assert touched(change(target), model(), {}) == ()


plain = st.recursive(
    st.none() | st.integers() | st.text(max_size=6) | st.just("ledger"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.text(max_size=10), st.dictionaries(st.text(max_size=3), plain, max_size=3))
def test_any_event_touches_known_elements_only(target: str, parameters: dict[str, Any]) -> None:
    known = model()
    for touch in touched(change(target, parameters=parameters), known, {}):
        assert set(touch.reach) <= set(known.topology.by_id)


def test_parameters_that_contain_themselves_end() -> None:
    endless: dict[str, Any] = {}
    endless["self"] = [endless]
    assert touched(change("", parameters=endless), model(), {}) == ()
