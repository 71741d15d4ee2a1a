from __future__ import annotations

import pytest

from andon.connectors.elasticsearch.fields import Fields
from andon.connectors.elasticsearch.strata import strata
from andon.telemetry import Window

FIELDS = Fields("@timestamp", False, ("message",), ("message",), (), (), (), ())
LOUD = {"match": {"message": "error"}}


@pytest.mark.parametrize(
    ("there", "expected", "shares"),
    [
        ((5, 50), {"loud": 5, "quiet": 50}, (1.0, 1.0)),
        ((5, 950), {"loud": 5, "quiet": 95}, (1.0, 0.1)),
        ((500, 500), {"loud": 50, "quiet": 50}, (0.1, 0.1)),
        ((500, 0), {"loud": 50}, (0.1,)),
        ((0, 1000), {"quiet": 100}, (0.1,)),
        ((0, 0), {}, ()),
    ],
)
def test_the_loud_ones_get_up_to_half_and_the_others_the_rest(there, expected, shares):
    found = strata(FIELDS, Window(0, 1000), (), loud=LOUD, there=there, wanted=100, slices=10)
    assert {part.name: part.expected for part in found} == expected
    assert [part.sample.share for part in found] == pytest.approx(shares)


def test_a_single_record_wanted_is_a_loud_one():
    found = strata(FIELDS, Window(0, 10), (), loud=LOUD, there=(3, 9), wanted=1, slices=10)
    assert [part.name for part in found] == ["loud"]
