from __future__ import annotations

from andon.investigation.refutation import ATTEMPTS, refute
from andon.investigation.suspects import suspect_for
from unit.investigation.agent.desks import desk


def test_what_the_engine_tries_can_be_tried_one_by_one() -> None:
    case = desk().case
    leader = case.suspects[0]
    each = [attempt(leader, case.findings, case.location) for attempt in ATTEMPTS.values()]
    assert tuple(one for one in each if one is not None) == refute(leader, case.findings, case.location)
    assert set(ATTEMPTS) == {"order", "peers", "elsewhere", "demand"}


def test_an_attempt_that_cannot_be_made_is_none() -> None:
    case = desk().case
    without = suspect_for(case.findings, case.location, "charlie", case.suspects[0].mechanism, None)
    assert ATTEMPTS["order"](without, case.findings, case.location) is None
