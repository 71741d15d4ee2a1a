from __future__ import annotations

import pytest

from andon.connectors import Session, Unanswered
from andon.connectors.budget import Budget
from andon.connectors.wire import HttpConfig, Wire
from andon.telemetry import Status
from andon.testing.imitation import Asked, Imitation, Told


class Large(Imitation):
    def answer(self, asked: Asked) -> Told:
        return Told(200, b"x" * 600)


def test_bytes_are_shared_and_end_at_nothing():
    budget = Budget(10.0, 1000)
    budget.spend(400)
    assert budget.left() == 600
    budget.spend(900)
    assert budget.left() == 0


def test_sessions_share_the_time():
    budget = Budget(0.0, 1000)
    with Session(30.0, budget) as session:
        assert session.remaining() == 0.0
        with pytest.raises(Unanswered, match="within the time"):
            session.sleep(0.0)


def test_what_one_source_took_another_cannot_have():
    budget = Budget(10.0, 1000)
    with Large() as server, Session(10.0, budget) as first, Session(10.0, budget) as second:
        config = HttpConfig(kind="x", url=server.url)
        assert Wire(first, "a", config).get("/").size == 600
        assert second.left("b", 5000) == 400
        with pytest.raises(Unanswered, match="larger than 400 bytes"):
            Wire(second, "b", config).get("/")
        with pytest.raises(Unanswered, match="all sources of the run") as caught:
            Wire(second, "b", config).get("/again")
        assert caught.value.status is Status.TRUNCATED
        assert "budget.bytes" in caught.value.hint
