from __future__ import annotations

from andon.connectors.received.undecodable import Undecodable
from andon.errors import AndonError


def test_it_is_told_to_a_sender_and_not_to_the_user() -> None:
    assert str(Undecodable("why")) == "why"
    assert not issubclass(Undecodable, AndonError)
