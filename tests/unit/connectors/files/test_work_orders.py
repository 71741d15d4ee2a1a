import json

from andon.connectors.files.work_orders import parse_work_orders
from andon.telemetry import ChangeKind

ORDER = {
    "number": "WO-1",
    "equipment": "P-101",
    "type": "lubrication",
    "description": "Greased",
    "technician": "a",
    "status": "completed",
    "completed_at": "2026-06-19T10:25:00Z",
}


def test_an_order_is_a_change(parse):
    (event,) = parse(parse_work_orders, json.dumps([ORDER])).changes
    assert (event.id, event.kind, event.action, event.target) == (
        "WO-1",
        ChangeKind.WORK_ORDER,
        "lubrication",
        "P-101",
    )
    assert (event.actor, event.summary, event.error) == ("a", "Greased", "")


def test_names_of_other_systems(parse):
    record = {"wonum": 7, "assetnum": "P-101", "worktype": "PM", "actfinish": "2026-06-19T10:25:00Z"}
    (event,) = parse(parse_work_orders, json.dumps({"orders": [record]})).changes
    assert (event.id, event.target, event.action) == ("7", "P-101", "PM")


def test_a_cancelled_order_changed_nothing(parse):
    (event,) = parse(parse_work_orders, json.dumps([ORDER | {"status": "Cancelled"}])).changes
    assert event.error == "Cancelled"


def test_an_order_without_a_time_is_counted_and_left_out(parse):
    parsed = parse(parse_work_orders, json.dumps([ORDER, ORDER | {"completed_at": "soon"}]))
    assert len(parsed.changes) == 1
