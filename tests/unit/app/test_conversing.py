from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from andon.app import investigating
from andon.app.conversing import Conversation, _changed, looked_again, open_conversation
from andon.app.runs import list_runs, open_store, report_of
from andon.config import Settings, load_settings
from andon.errors import RunNotFound, StorageError, UsageError
from andon.investigation.agent.loop import Mind
from andon.investigation.question import Question
from andon.llm.guard import Access
from andon.telemetry import clock

DOOR = Path(__file__).parents[3] / "examples" / "door-unlock.zip"
RULE = "the security group change was harmless, I rolled it back at 05:19:20"


@pytest.fixture(scope="module")
def investigated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one run on the recorded door fault."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANDON_HOME", str(home))
        patch.chdir(home)
        investigating.start(Question(""), [str(DOOR)], load_settings())
    return home


@pytest.fixture
def settings(investigated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a copy of that store."""
    shutil.copytree(investigated, tmp_path / "home")
    monkeypatch.setenv("ANDON_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return load_settings()


@pytest.fixture
def talk(settings: Settings) -> Iterator[Conversation]:
    with open_conversation("latest", settings) as conversation:
        yield conversation


def test_a_question_is_answered_and_makes_no_run(talk: Conversation, settings: Settings) -> None:
    exchange = talk.say("what changed at the iOS BFF?")
    assert any("UpdateService" in said.text and said.refs for said in exchange.answer)
    assert (exchange.redirections, exchange.by, exchange.run) == ((), "rules", talk.run)
    assert len(list_runs(settings)) == 1
    assert "mobile-bff-ios" in talk.evidence(1) or "sg-" in talk.evidence(1)


def test_a_redirection_goes_on_as_a_new_run_with_a_trail(talk: Conversation, settings: Settings) -> None:
    first = talk.run
    exchange = talk.say(RULE)
    assert talk.run == exchange.run != first
    assert exchange.redirections[0].startswith("harmless: RevokeSecurityGroupIngress")
    texts = [said.text for said in exchange.answer]
    assert any("the trouble went on, which bears you out" in text for text in texts)
    assert any(text.startswith("No longer named: Network rule removed") for text in texts)
    report = report_of(talk.run, settings)
    assert first in report.trail[-1] and "harmless" in report.trail[-1]
    with open_store(settings) as store:
        assert {o.id for o in store.observations(first)} <= {o.id for o in store.observations(talk.run)}


def test_a_question_beside_a_redirection_is_answered_of_the_new_run(talk: Conversation) -> None:
    exchange = talk.say("It is not the iOS BFF. When did it begin?")
    assert exchange.redirections == ("iOS BFF is not the cause",)
    assert any(said.text.startswith("It began about") for said in exchange.answer)


def test_undo_goes_back_one_by_one(talk: Conversation) -> None:
    first = talk.run
    second = talk.say(RULE).run
    talk.say("it is not the iOS BFF")
    assert talk.undo() == second
    assert talk.undo() == first == talk.run
    with pytest.raises(UsageError, match="nothing was redirected"):
        talk.undo()


def test_what_is_so_already_makes_no_run(talk: Conversation, settings: Settings) -> None:
    talk.say("it is not the subscription database")
    count = len(list_runs(settings))
    exchange = talk.say("it is not the subscription database")
    assert "so already" in exchange.answer[0].text
    assert len(list_runs(settings)) == count


def test_what_is_unclear_is_asked_back(talk: Conversation) -> None:
    exchange = talk.say("look at the bff")
    assert "iOS BFF (iosBff), Android BFF (androidBff)" in exchange.asks
    assert exchange.redirections == ()


def test_a_session_goes_on_after_a_restart(settings: Settings) -> None:
    with open_conversation("latest", settings) as before:
        root = before.run
        before.say("how sure are you?")
        before.say(RULE)
        now, history = before.run, list(before.history)
    for prefix in (root, "latest", now):
        with open_conversation(prefix, settings) as after:
            assert after.run == now
            assert after.history == history


def test_what_was_said_before_a_crash_is_there_without_an_answer(settings: Settings) -> None:
    with open_conversation("latest", settings) as conversation, open_store(settings) as store:
        store.append(conversation.run, "said", {"text": "what chan", "run": conversation.run})
    with open_conversation("latest", settings) as again:
        assert [(one.said, one.by) for one in again.history] == [("what chan", "")]
        assert again.say("how sure are you?").by == "rules"
        assert len(again.history) == 2


def test_a_run_that_is_named_is_spoken_of_even_after_undo(settings: Settings) -> None:
    with open_conversation("latest", settings) as conversation:
        root = conversation.run
        second = conversation.say(RULE).run
        conversation.undo()
    with open_conversation("latest", settings) as again:
        assert again.run == root
    with open_conversation(second, settings) as named:
        assert named.run == second


def test_without_the_sources_the_ledger_answers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(investigating, "_there", lambda *_: False)
    with looked_again(list_runs(settings)[0].id, settings) as desk:
        assert desk.box.sources == ()
        assert desk.case.suspects[0].element == "rvmIngressIos"
    with open_conversation("latest", settings) as conversation:
        assert any(said.refs for said in conversation.say("what changed").answer)
        assert conversation.say("it is not the iOS BFF").redirections


@pytest.mark.parametrize(
    ("text", "said"), [("", "nothing was said"), (" \n ", "nothing"), ("x" * 5000, "longer than")]
)
def test_what_cannot_be_taken(talk: Conversation, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        talk.say(text)
    assert talk.history == []


def test_runs_that_cannot_be_spoken_of(settings: Settings) -> None:
    with pytest.raises(RunNotFound), open_conversation("nobody", settings):
        pass
    with open_store(settings) as store:
        empty = store.create_run("why?")
    with pytest.raises(StorageError, match="no report"), open_conversation(empty, settings):
        pass


def _mind(*replies: Mapping[str, Any]) -> Mind:
    left = list(replies)

    def model(_messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        reply = left.pop(0) if len(left) > 1 else left[0]
        return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, dict(reply))])

    return Mind(Access(FunctionModel(model)))


def test_a_model_that_lies_is_left_out_and_counted(settings: Settings) -> None:
    lie = {"answer": [{"text": "The disk is full since 03:33.", "refs": ["traces-2:nodes.1"]}]}
    with open_conversation("latest", settings, _mind(lie)) as conversation:
        exchange = conversation.say("tell me a story about it")
        assert (exchange.answer, exchange.left_out, exchange.by) == ((), 1, "model")
        assert conversation.say("another story").left_out == 1


def test_a_model_that_redirects_is_settled_by_code(settings: Settings) -> None:
    asked = {"kind": "exclude", "target": "iOS BFF", "words": "surely never ever the iOS BFF"}
    with open_conversation(
        "latest", settings, _mind({"answer": [], "redirections": [asked]})
    ) as conversation:
        exchange = conversation.say("surely never ever the iOS BFF, believe me")
        assert exchange.redirections == ("iOS BFF is not the cause",)
        assert exchange.by == "model"
        assert conversation.desk.case.question.exclude == ("iosBff",)


def test_a_model_that_does_not_answer_leaves_it_to_the_rules(settings: Settings) -> None:
    def dead(*_: Any) -> ModelResponse:
        raise RuntimeError("gone")

    mind = Mind(Access(FunctionModel(dead)))
    with open_conversation("latest", settings, mind) as conversation:
        exchange = conversation.say("what changed?")
        assert "The model did not answer" in exchange.answer[0].text
        assert any("RevokeSecurityGroupIngress" in said.text for said in exchange.answer)
        assert exchange.by == "rules"


def test_evidence_has_a_number(talk: Conversation) -> None:
    with pytest.raises(UsageError, match="0 sentences"):
        talk.evidence(1)
    talk.say("what changed")
    with pytest.raises(UsageError):
        talk.evidence(0)
    talk.say(RULE)
    assert "ios-app" in talk.evidence(1)
    talk.undo()
    with pytest.raises(UsageError, match="is of run"):
        talk.evidence(1)


def test_evidence_that_was_computed_for_an_answer_is_asked_for_again(settings: Settings) -> None:
    with open_conversation("latest", settings) as conversation:
        conversation.say("why rvm-api-from-ios?")
        assert "100 %" in conversation.evidence(1)
    with open_conversation("latest", settings) as again, pytest.raises(UsageError) as caught:
        again.evidence(1)
    assert caught.value.hint == "ask once more"


@pytest.mark.parametrize("reply", [{"answer": []}, {"foreign": 1}, {"answer": [{"text": " ", "refs": []}]}])
def test_a_model_that_says_nothing_leaves_it_to_the_rules(
    settings: Settings, reply: Mapping[str, Any]
) -> None:
    with open_conversation("latest", settings, _mind(reply)) as conversation:
        exchange = conversation.say("what changed?")
    assert "The model said nothing" in exchange.answer[0].text
    assert any("RevokeSecurityGroupIngress" in said.text for said in exchange.answer)
    assert exchange.by == "rules"


def test_another_run_than_was_asked_for_is_told(settings: Settings) -> None:
    with open_conversation("latest", settings) as conversation:
        root = conversation.run
        assert conversation.elsewhere == ""
        second = conversation.say(RULE).run
    with open_conversation(root, settings) as later:
        assert later.elsewhere == f"of run {second}, which came of {root}"
        later.undo()
    with open_conversation("latest", settings) as back:
        assert back.elsewhere == f"of run {root}, to which the conversation went back from {second}"
    with open_conversation(second, settings) as named:
        assert named.elsewhere == ""


def test_data_that_disagree_with_the_stated_time_say_so(talk: Conversation) -> None:
    onset = talk.report.symptom.onset
    assert onset is not None
    texts = [said.text for said in talk.say(f"it began at {clock(onset + 15)}").answer]
    (told,) = [text for text in texts if text.startswith("The incident is")]
    assert "you said so, but" in told and "turned for the worse before that" in told


def test_a_time_that_is_taken_as_it_was_said_is_not_doubted(talk: Conversation) -> None:
    start = talk.report.incident.start
    texts = [said.text for said in talk.say(f"it began at {clock(start - 20)}").answer]
    assert not any(text.startswith("The incident is") for text in texts)


def test_what_a_model_named_alone_is_not_said_to_have_gone_by_the_words(talk: Conversation) -> None:
    before = talk.report
    by_model = replace(before.hypotheses[0], component="mqtt", name="MQTT", found_by=("model",))
    by_engine = replace(by_model, name="Other", component="other", found_by=("engine",))
    told = [said.text for said in _changed(replace(before, hypotheses=(by_model, by_engine)), before)]
    assert any(
        "MQTT" in text and "by the model alone, which was not asked this time" in text for text in told
    )
    assert any(text.startswith("No longer named:") and "Other" in text for text in told)
    assert not any(text.startswith("No longer named:") and "MQTT" in text for text in told)


def test_a_change_that_was_cleared_is_weighed_again_when_it_is_doubted(talk: Conversation) -> None:
    first = talk.report.hypotheses[0]
    talk.say(RULE)
    exchange = talk.say("the security group change was not harmless")
    assert exchange.redirections[0].startswith("not harmless: RevokeSecurityGroupIngress")
    assert talk.desk.case.question.cleared == ()
    assert talk.report.hypotheses[0].component == first.component
