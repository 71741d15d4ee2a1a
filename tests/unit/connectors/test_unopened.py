from __future__ import annotations

from andon.connectors import Need
from andon.connectors.unopened import Unopened
from andon.errors import SourceError
from andon.telemetry import Status, Window


def test_it_says_why_it_has_nothing():
    part = Unopened("folder", SourceError("/gone: there is no such folder", hint="andon.yaml names it"))
    need = Need(Window(0.0, 1.0))
    for result in (part.metrics(need), part.logs(need)):
        assert (result.status, result.count) == (Status.FAILED, 0)
        assert [str(p) for p in result.problems] == ["folder: /gone: there is no such folder"]
    (check,) = part.check()
    assert (check.state, check.hint) == ("failed", "andon.yaml names it")
    part.session.close()
