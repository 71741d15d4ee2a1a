from __future__ import annotations

import pytest
from pydantic import ValidationError

from andon.connectors.tempo import TempoScope


def test_values_of_resources_and_spans_are_told_apart() -> None:
    scope = TempoScope(match={"resource.k8s.namespace.name": ("shop",), "span.tier": ("1", "2")})
    assert scope.admits({"k8s.namespace.name": "shop"}, {"tier": "2"})
    assert not scope.admits({"k8s.namespace.name": "shop"}, {"tier": "3"})
    assert not scope.admits({"tier": "1"}, {"k8s.namespace.name": "shop", "tier": "1"})
    assert not scope.admits({}, {})


def test_services_outside() -> None:
    assert TempoScope().outside(("a",)) == ()
    assert TempoScope(match={"resource.service.name": ("a",)}).outside(("a", "b")) == ("b",)


@pytest.mark.parametrize("name", ["service.name", 'resource.a" || true', "resource.a b", "resource.", "name"])
def test_only_names_of_attributes(name: str) -> None:
    with pytest.raises(ValidationError, match="TraceQL"):
        TempoScope(match={name: ("x",)})


def test_a_tenant_is_no_header_of_another_kind() -> None:
    with pytest.raises(ValidationError, match="X-Scope-OrgID"):
        TempoScope(tenant="a\r\nx-other: b")
