from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from pydantic import BaseModel, Field

from andon.llm.local.grammar import narrowed
from andon.llm.local.specimen import described, specimen
from unit.llm.local.schemas import models


class Query(BaseModel):
    component: str
    kinds: list[str] = Field(default_factory=list, description="not shown")
    limit: int | None = None


@given(models())
def test_a_specimen_fits_what_was_asked_for(model):
    """All but patterns, which nothing short of the engine fills in."""
    schema = model.model_json_schema()
    assume('"pattern"' not in json.dumps(narrowed(schema)["properties"]))
    model.model_validate_json(json.dumps(specimen(schema)))


def test_parameters_in_one_line():
    assert described(Query.model_json_schema()) == "component: text, kinds?: list of text, limit?: integer"


def test_choices_are_shown_a_few():
    many: dict[str, Any] = {"type": "object", "properties": {"kind": {"enum": [*"abcdefgh"]}}}
    assert described(many) == "kind?: a|b|c|d|e|f|…"


def test_a_specimen_is_short_and_plainly_none():
    assert specimen(Query.model_json_schema()) == {"component": "<component>"}
    bounded = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 10}}, "required": ["n"]}
    assert specimen(bounded) == {"n": 10}


@pytest.mark.parametrize(
    ("bounds", "number"),
    [
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 3, "multipleOf": 5}, 5),
        ({"type": "integer", "exclusiveMinimum": 1}, 2),
        ({"type": "integer", "maximum": -4}, -4),
        ({"type": "number", "minimum": 0, "maximum": 1}, 1),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
    ],
)
def test_numbers_are_as_near_to_one_as_is_allowed(bounds, number):
    assert specimen(bounds) == number
