from andon.demo.work_orders import Maintenance, WorkOrder


def test_a_closed_order_is_kept_with_the_time(tmp_path):
    assert Maintenance(tmp_path).read() == []
    order = WorkOrder("WO-104001", "P-101", "inspection", "No findings", "m.keller")
    assert Maintenance(tmp_path).close(order) == "WO-104001"
    (kept,) = Maintenance(tmp_path).read()
    assert kept["equipment"] == "P-101"
    assert kept["completed_at"].endswith("Z")
    assert kept["status"] == "completed"
