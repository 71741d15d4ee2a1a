from __future__ import annotations

import pytest
from pydantic import ValidationError

from andon.connectors.label_scope import LabelScope


def test_all_labels_must_fit() -> None:
    scope = LabelScope(match={"namespace": ("shop", "pay"), "zone": ("a",)})
    assert scope.admits({"namespace": "pay", "zone": "a", "more": "x"})
    assert not scope.admits({"namespace": "pay"}) and not scope.admits({"namespace": "hr", "zone": "a"})
    assert LabelScope().admits({})


def test_services_are_outside_only_where_the_scope_names_services() -> None:
    named = LabelScope(match={"job": ("shop/checkout",)})
    assert named.outside(("checkout", "payroll"), ("service", "job")) == ("payroll",)
    assert LabelScope(match={"namespace": ("shop",)}).outside(("payroll",), ("service", "job")) == ()


def test_a_label_without_values_would_let_nothing_in() -> None:
    with pytest.raises(ValidationError):
        LabelScope(match={"namespace": ()})
