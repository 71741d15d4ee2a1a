"""What may be stated of a Loki, and what not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from andon.connectors.loki import LokiConfig, LokiScope

URL = "http://loki.example:3100"


@pytest.mark.parametrize(
    "options",
    [
        {"scope": {"match": {'a="b"} or {c': ["x"]}}},
        {"scope": {"match": {"ns": []}}},
        {"scope": {"namespaces": ["a"]}},
        {"tenants": [""]},
        {"tenants": ["a|b"]},
        {"tenants": ["a\r\nX-Other: b"]},
        {"every": "a-b"},
    ],
)
def test_what_would_reach_beyond_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LokiConfig.model_validate({"kind": "loki", "url": URL} | options)


def test_the_scope_admits_what_all_of_its_labels_admit() -> None:
    scope = LokiScope(match={"ns": ("a", "b"), "env": ("prod",)})
    assert scope.admits({"ns": "b", "env": "prod", "x": "y"})
    assert not scope.admits({"ns": "b"}) and not scope.admits({"ns": "c", "env": "prod"})
