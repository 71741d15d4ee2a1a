from __future__ import annotations

from andon.connectors.jaeger import JaegerScope


def test_services_and_tags() -> None:
    scope = JaegerScope(services=("a",), tags={"zone": "eu", "canary": "true"})
    assert scope.admits({"service.name": "a", "zone": "eu"}, {"canary": True})
    assert not scope.admits({"service.name": "b", "zone": "eu"}, {"canary": True})
    assert not scope.admits({"service.name": "a", "zone": "us"}, {"canary": True})
    assert not scope.admits({"service.name": "a", "zone": "eu"}, {})
    assert scope.outside(("a", "b")) == ("b",)
    assert JaegerScope().outside(("a", "b")) == ()
