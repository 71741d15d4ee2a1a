import json

import pytest

from andon.connectors.files.kubernetes import parse_kubernetes_events
from andon.telemetry import ChangeKind

EVENT = {
    "metadata": {"uid": "u1", "namespace": "shop", "creationTimestamp": "2026-06-19T10:00:00Z"},
    "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "pay-7c9"},
    "reason": "BackOff",
    "message": "Back-off restarting failed container",
    "source": {"component": "kubelet", "host": "node-1"},
    "firstTimestamp": "2026-06-19T10:25:00Z",
    "lastTimestamp": "2026-06-19T10:35:00Z",
    "count": 12,
    "type": "Warning",
}


@pytest.mark.parametrize("lines", [True, False])
def test_core_events(parse, lines):
    other = {**EVENT, "lastTimestamp": EVENT["firstTimestamp"], "metadata": {"uid": "u2"}}
    content = (
        "".join(json.dumps(e) + "\n" for e in (EVENT, other))
        if lines
        else json.dumps({"kind": "List", "items": [EVENT, other]})
    )
    first, last, second = parse(parse_kubernetes_events, content).changes
    assert (first.id, last.id, second.id) == ("u1", "u1/last", "u2")
    assert last.time - first.time == 600
    assert (first.kind, first.action, first.target, first.actor) == (
        ChangeKind.KUBERNETES,
        "BackOff",
        "pay-7c9",
        "kubelet",
    )
    assert (first.origin, first.resources, first.parameters["count"]) == (
        "shop",
        ("Pod/pay-7c9", "node-1"),
        12,
    )


def test_new_style_events(parse):
    event = {
        "regarding": {"kind": "Node", "name": "n1"},
        "reason": "Rebooted",
        "note": "x",
        "eventTime": "2026-06-19T10:25:00.123456Z",
        "reportingController": "kubelet",
        "metadata": None,
    }
    (found,) = parse(parse_kubernetes_events, json.dumps({"items": [event]})).changes
    assert (found.target, found.summary, found.actor) == ("n1", "x", "kubelet")


def test_events_without_a_time_are_counted(parse):
    parsed = parse(parse_kubernetes_events, json.dumps({"items": [{"reason": "x", "series": 3}, 7]}))
    assert not parsed.changes
    assert len(parsed.problems) == 2
