"""Talking on with a model behind the real client: what is cited is shown, what is not borne out is left out, nothing else is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.app import investigating
from andon.app.conversing import open_conversation
from andon.app.replaying import replay
from andon.app.runs import open_store
from andon.config import Settings, load_settings
from andon.investigation.question import Question
from andon.testing.imitations.llm_openai import OpenAiApi
from andon.testing.imitations.llm_server import Call, Trouble, Turn

BUNDLE = Path(__file__).parents[2] / "examples" / "door-unlock.zip"
TRUE = "ios-app: 98 of 100 failed, 1 of 123 before"
REPLY = {
    "answer": [
        {"text": TRUE, "refs": ["traces-2:nodes.1"]},
        {"text": "The disk of the broker is full.", "refs": ["traces-2:nodes.1"]},
        {"text": "I looked at the traces.", "refs": []},
    ]
}


def reply(**said: object) -> Turn:
    return Turn(calls=(Call("final_result", said, "call_1"),))


@pytest.fixture
def server() -> Iterator[OpenAiApi]:
    with OpenAiApi([reply(**REPLY)], models=["gpt"]) as held:
        yield held


@pytest.fixture
def settings(server: OpenAiApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A run that the engine made alone, and from then on a model."""
    monkeypatch.setenv("ANDON_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ANDON_OFFLINE", raising=False)
    monkeypatch.chdir(tmp_path)
    investigating.start(Question(""), [str(BUNDLE)], load_settings())
    (tmp_path / "andon.yaml").write_text(f"model: {{name: 'openai:gpt', url: '{server.url}/v1'}}\n")
    return load_settings()


def test_what_is_borne_out_is_said_and_the_rest_is_counted(settings: Settings, server: OpenAiApi) -> None:
    with open_conversation("latest", settings) as conversation:
        exchange = conversation.say("tell me about the app, ada@example.org asks")
    assert [said.text for said in exchange.answer] == [TRUE, "I looked at the traces."]
    assert (exchange.left_out, exchange.by) == (1, "model")
    assert len(server.asked) == 2 and server.refused == []
    sent = b"".join(asked.body for asked in server.asked)
    assert b"tell me about the app" in sent and b"Not borne out" in sent
    assert b"ada@example.org" not in sent


def test_what_is_said_in_a_session_leaves_the_replay_of_its_run_as_it_was(settings: Settings) -> None:
    with open_conversation("latest", settings) as conversation:
        run = conversation.run
        conversation.say("tell me about the app")
    with open_store(settings) as store:
        types = [event.type for event in store.events(run)]
    assert "chat-mind" in types and "mind" not in types and "model" in types
    assert replay(run, settings).same


def test_a_second_message_is_told_the_first(settings: Settings, server: OpenAiApi) -> None:
    with open_conversation("latest", settings) as conversation:
        conversation.say("tell me about the app")
    count = len(server.asked)
    with open_conversation("latest", settings) as conversation:
        conversation.say("and what else")
    sent = server.asked[count].body.decode()
    assert "tell me about the app" in sent and "98 of 100 failed" in sent


def test_where_it_fails_the_rules_answer_and_say_so(settings: Settings, server: OpenAiApi) -> None:
    server.play(Trouble.KEY)
    with open_conversation("latest", settings) as conversation:
        exchange = conversation.say("what changed at the iOS BFF, roughly?")
    assert "The model did not answer" in exchange.answer[0].text
    assert any("UpdateService" in said.text for said in exchange.answer)
