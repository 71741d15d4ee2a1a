from __future__ import annotations

from types import SimpleNamespace

from andon.demo import conditions
from andon.demo.carrier import FAILING, CarrierServer
from andon.demo.conditions import Conditions, impose
from andon.demo.settings import free_ports


def test_the_carrier_wakes_cars_until_it_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(conditions, "_LOOK_SECONDS", 0.0)
    runtime = SimpleNamespace(
        conditions=Conditions(tmp_path, "mobile-carrier"),
        settings=SimpleNamespace(seed=1),
        name="mobile-carrier",
        port=lambda _: free_ports(1)[0],
    )
    with CarrierServer(runtime) as carrier:
        assert carrier.wake() == (202, {"state": "delivered"})
        impose(tmp_path, "mobile-carrier", FAILING, 1.0)
        assert carrier.wake()[0] == 503
