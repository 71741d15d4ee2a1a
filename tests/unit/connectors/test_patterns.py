from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from andon.connectors.patterns import Pattern


class _Config(BaseModel):
    include: tuple[Pattern, ...] = ()


def test_what_is_no_expression_is_refused():
    assert _Config(include=["a.*", "b"]).include == ("a.*", "b")
    with pytest.raises(ValidationError, match="not a regular expression"):
        _Config(include=["a", "("])
