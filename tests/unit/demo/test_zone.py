from __future__ import annotations

from andon.demo.certificates import host_name
from andon.demo.zone import Zone


def change(action: str, **described) -> dict:
    return {"changes": [{"action": action, "resourceRecordSet": described}]}


def test_records_are_put_and_deleted():
    zone, name = Zone(), host_name("auth-service")
    assert zone.lookup(name).address == "10.0.0.1"
    zone.change(change("UPSERT", name=name, tTL=7, resourceRecords=[{"value": "10.0.9.9"}]))
    assert (zone.lookup(name).address, zone.lookup(name).ttl) == ("10.0.9.9", 7)
    zone.change(change("UPSERT", name=name, aliasTarget={"dNSName": "auth-v2.internal"}))
    assert zone.lookup(name).alias == "auth-v2.internal"
    zone.change(change("DELETE", name=name))
    assert zone.lookup(name) is None
