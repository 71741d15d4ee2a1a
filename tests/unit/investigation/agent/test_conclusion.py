from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from andon.investigation.agent.conclusion import Conclusion

ROW = {"ref": "metrics-1:series.0"}
RIGHT = {"component": "a", "mechanism": "other", "likelihood": 0.5, "evidence": [ROW]}


def test_the_least_that_a_model_hands_in() -> None:
    read = Conclusion.model_validate({"hypotheses": [RIGHT]})
    (one,) = read.hypotheses
    assert (one.change, one.why, one.evidence[0].supports, one.evidence[0].says) == ("", "", True, "")
    assert Conclusion.model_validate({"hypotheses": []}).nothing == ""


def test_what_was_not_asked_for_is_left_out() -> None:
    read = Conclusion.model_validate({"hypotheses": [RIGHT | {"verified": True}], "score": 1})
    assert "verified" not in read.model_dump_json() and "score" not in read.model_dump_json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"hypotheses": [RIGHT] * 6},
        {"hypotheses": [RIGHT | {"evidence": [ROW] * 9}]},
        {"hypotheses": [RIGHT | {"why": "x" * 701}]},
        {"hypotheses": [RIGHT | {"likelihood": float("nan")}]},
        {"hypotheses": [RIGHT | {"likelihood": 1.01}]},
        {"hypotheses": [RIGHT | {"component": None}]},
        {"hypotheses": [RIGHT | {"evidence": [{"ref": "x" * 81}]}]},
        {"hypotheses": [RIGHT | {"evidence": "all of it"}]},
        {"hypotheses": None},
        {},
    ],
)
def test_what_is_too_much_or_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Conclusion.model_validate(wrong)


def test_the_schema_is_short_enough_for_small_models() -> None:
    assert len(str(Conclusion.model_json_schema())) < 2500
