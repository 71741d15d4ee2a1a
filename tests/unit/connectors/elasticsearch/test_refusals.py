from __future__ import annotations

import orjson
import pytest

from andon.connectors import Session
from andon.connectors.elasticsearch import SearchConfig
from andon.connectors.elasticsearch.refusals import Refused, ask
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Wire
from andon.telemetry import Status
from andon.testing.imitation import Imitation, Told


class Saying(Imitation):
    def __init__(self, status, body):
        super().__init__()
        self.told = Told(status, body)

    def answer(self, asked):
        return self.told


def asked(status, content, session):
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    with Saying(status, body) as server:
        config = SearchConfig(kind="x", url=server.url, scope={"indices": ("logs-*",)}, limits={"retries": 0})
        return ask(Wire(session, "logs", config), "GET", "/x", fresh=True)


def error(kind, reason):
    cause = {"type": kind, "reason": reason}
    return {
        "error": {
            "root_cause": [cause],
            "type": "search_phase_execution_exception",
            "reason": "all shards failed",
        }
    }


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        (
            "action [indices:data/read/search] is unauthorized for user [a], this action is granted by the index privileges [read,all]",
            "the index privilege read",
        ),
        (
            "no permissions for [indices:data/read/search] and User [name=a]",
            "the permission indices:data/read/search",
        ),
        ("closed on sundays", "closed on sundays"),
    ],
)
def test_a_denial_names_what_to_grant(reason, hint, session):
    with pytest.raises(Refused) as refused:
        asked(403, error("security_exception", reason), session)
    assert refused.value.status is Status.DENIED
    assert hint in refused.value.hint


def test_the_innermost_reason_is_told(session):
    with pytest.raises(Refused, match="query_shard_exception: no mapping") as refused:
        asked(400, error("query_shard_exception", "no mapping"), session)
    assert refused.value.kinds == {"query_shard_exception", "search_phase_execution_exception"}


def test_a_missing_index_and_a_small_window_have_their_hints(session):
    with pytest.raises(Refused) as refused:
        asked(404, error("index_not_found_exception", "no such index [a]"), session)
    assert "scope.indices" in refused.value.hint
    with pytest.raises(Refused) as refused:
        asked(400, error("illegal_argument_exception", "set [index.max_result_window]"), session)
    assert "page" in refused.value.hint


@pytest.mark.parametrize("body", [b"<html>no</html>", b"[]", b'{"error": "old and plain"}', b"", b"\xff"])
def test_other_errors_are_quoted(body, session):
    with pytest.raises(Refused) as refused:
        asked(400, body, session)
    assert refused.value.status is Status.FAILED and not refused.value.kinds


def test_secrets_in_a_reason_are_hidden(session):
    session.vault.know("hunter22")
    with pytest.raises(Refused) as refused:
        asked(403, error("security_exception", "you sent hunter22"), session)
    assert "hunter22" not in refused.value.message + refused.value.hint


def test_an_answer_is_an_object(session: Session):
    with pytest.raises(Unanswered):
        asked(200, [1], session)
    assert asked(200, {"a": 1}, session)[0] == {"a": 1}
