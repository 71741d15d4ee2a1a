from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.app import investigating
from andon.app.memories import memories
from andon.app.runs import list_runs, open_store
from andon.app.verdicts import Judgement, judge
from andon.config import Settings, load_settings
from andon.errors import RunNotFound, UsageError
from andon.investigation.memory import Memory
from andon.investigation.question import Question
from andon.storage.verdicts import keep_verdict

DOOR = Path(__file__).parents[3] / "examples" / "door-unlock.zip"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A store with one run on the recorded door fault."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANDON_HOME", str(home))
        patch.chdir(home)
        held = load_settings()
        investigating.start(Question(""), [str(DOOR)], held)
        yield held


def kept(settings: Settings) -> tuple[Memory, ...]:
    with open_store(settings) as store:
        return memories(store)


def test_a_hypothesis_that_was_right_is_remembered(settings: Settings) -> None:
    judged = judge("latest", Judgement(hypothesis=1, fixed=" restored it ", note="n"), settings)
    assert (judged.component, judged.mechanism) == ("rvmIngressIos", "network-rule-removed")
    assert judged.change.startswith("b8109ddf")
    assert (judged.fixed, judged.note) == ("restored it", "n")
    assert judged.signature.components == ("iosApp",)
    assert judged.signature.templates and judged.signature.moved
    assert kept(settings) == (judged,)


def test_another_cause_may_be_named_and_replaces_the_verdict(settings: Settings) -> None:
    judged = judge("latest", Judgement(cause="MQTT broker", mechanism="disk-full"), settings)
    assert (judged.component, judged.name, judged.mechanism) == ("mqttBroker", "MQTT broker", "disk-full")
    assert ("rvmIngressIos", "network-rule-removed") in judged.wrong
    assert kept(settings) == (judged,)


def test_a_cause_without_a_mechanism_takes_that_of_the_report(settings: Settings) -> None:
    assert judge("latest", Judgement(cause="rvm-api-from-ios"), settings).mechanism == "network-rule-removed"
    assert judge("latest", Judgement(cause="MQTT broker"), settings).mechanism == "other"


def test_none_was_right_names_nothing_to_remember(settings: Settings) -> None:
    judged = judge("latest", Judgement(wrong=True, note="it was the vendor"), settings)
    assert (judged.component, judged.mechanism) == ("", "")
    assert judged.wrong
    assert kept(settings) == ()


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (Judgement(), "say what the cause was"),
        (Judgement(cause="x", hypothesis=1), "say what the cause was"),
        (Judgement(hypothesis=1, wrong=True), "say what the cause was"),
        (Judgement(hypothesis=99), "no hypothesis 99"),
        (Judgement(cause="iOS BF"), "similar: iOS BFF"),
        (Judgement(cause="iosBff", mechanism="magic"), "no mechanism 'magic'"),
        (Judgement(cause="iosBff", change="nothing"), "no change with the id"),
    ],
)
def test_what_there_is_not_is_refused(settings: Settings, said: Judgement, complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        judge("latest", said, settings)
    assert complaint in caught.value.message


def test_an_unknown_run_is_refused(settings: Settings) -> None:
    with pytest.raises(RunNotFound):
        judge("nobody", Judgement(hypothesis=1), settings)


def test_a_change_is_named_by_its_id(settings: Settings) -> None:
    change = "c10e4777-25c1-463f-860e-294f5459bc39"
    assert judge("latest", Judgement(cause="iosBff", change=change), settings).change == change


def test_what_cannot_be_read_is_left_out(settings: Settings) -> None:
    with open_store(settings) as store:
        keep_verdict(store, list_runs(settings)[0].id, {"component": 3})
        assert memories(store) == ()
