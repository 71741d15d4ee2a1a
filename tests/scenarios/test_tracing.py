"""A whole run, led by a scripted model, and its spans as a collector gets them: our own receiver."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelResponsePart

from andon.app.investigating import start
from andon.app.replaying import replay
from andon.app.runs import open_store
from andon.config import ModelEntry, Settings, Tracing
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.llm import providers
from andon.testing.characters.script import Character, Situation, call
from unit.llm.spans.receiver import Receiver, attributes, receiving

SECRET = "AKIA" + "Q3EGRTSW2MNB4XYZ"
MAIL = "mara.lindt@example.org"
QUESTION = f"orders is failing since 12:10; {MAIL} says that the key {SECRET} is in use"
BEGAN = 1_781_784_000
SAID = ("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.tool.call.")


class Reader(Character):
    """Reads the log of one service in two ways at once, asks for one thing too often, and concludes nothing."""

    def turn(self, now: Situation) -> Sequence[ModelResponsePart]:
        if now.turn < 3:
            return [call("log_lines", text="charge", component="orders"), call("logs", component="orders")]
        return [now.conclude([], "Nothing is beyond chance.")]


class Busy(Character):
    """Has too many requests."""

    def turn(self, now: Situation) -> Sequence[ModelResponsePart]:
        raise ModelHTTPError(429, "m", {"message": "words of the server"})


@dataclass(frozen=True)
class Traced:
    """A run, what its receiver got, and what its journal says of it."""

    report: Report
    receiver: Receiver
    settings: Settings
    journal: list[tuple[str, Mapping[str, Any]]]

    @property
    def told(self) -> Mapping[str, Any]:
        (told,) = [payload for type_, payload in self.journal if type_ == "traced"]
        return told


def telemetry(folder: Path) -> Path:
    """Twenty minutes of logs of two services, of which one breaks half-way and names a secret."""
    folder.mkdir()
    lines = []
    for second in range(0, 1200, 5):
        lines.append(
            {"time": BEGAN + second, "level": "INFO", "service": "shop", "message": f"sold {second}"}
        )
        broken = second >= 600
        text = f"charge refused for {MAIL} with {SECRET}" if broken else f"charged {second}"
        level = "ERROR" if broken else "INFO"
        lines.append({"time": BEGAN + second + 1, "level": level, "service": "orders", "message": text})
    (folder / "logs.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


@pytest.fixture(autouse=True, scope="module")
def a_key() -> Iterator[None]:
    """A model that stands in for another one is named as that is, and that one would need a key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-of-a-test")
        yield


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("tracing")
    telemetry(folder / "incident")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "open_model", lambda _choice: Reader())
        yield folder


def conducted(
    world: Path, name: str, tracing: Tracing | None, samples: int = 1
) -> tuple[Report, Settings, Any]:
    model = ModelEntry("openai:scripted", samples=samples)
    settings = Settings(world / name, world / "andon.yaml", model=model, tracing=tracing)
    journal: list[tuple[str, Mapping[str, Any]]] = []
    report = start(
        Question(QUESTION), [str(world / "incident")], settings, lambda *event: journal.append(event)
    )
    return report, settings, journal


def traced(world: Path, *, content: bool, samples: int) -> Iterator[Traced]:
    name = f"content-{content}"
    with receiving(world / f"received-{name}") as receiver:
        report, settings, journal = conducted(world, name, Tracing(receiver.url, content=content), samples)
        yield Traced(report, receiver, settings, journal)


@pytest.fixture(scope="module")
def plain(world: Path) -> Iterator[Traced]:
    yield from traced(world, content=False, samples=2)


@pytest.fixture(scope="module")
def full(world: Path) -> Iterator[Traced]:
    yield from traced(world, content=True, samples=1)


def test_spans_arrive_with_the_right_parents_and_times(plain: Traced) -> None:
    spans = plain.receiver.spans
    by_id = {one.span_id: one for one in spans}
    run, *rest = spans
    assert len({one.trace_id for one in spans}) == 1 and len(by_id) == len(spans) == plain.told["spans"]
    assert plain.told == {
        "to": plain.receiver.url + "/v1/traces",
        "trace": run.trace_id.hex(),
        "spans": len(spans),
        "problem": "",
    }
    assert (run.name, run.parent_span_id) == ("invoke_agent andon", b"")
    samples = [one for one in rest if one.name == "invoke_agent andon"]
    assert [one.parent_span_id for one in samples] == [run.span_id] * 2
    assert sorted(attributes(one)["andon.sample"] for one in samples) == ["sample-1", "sample-2"]
    work = [one for one in rest if one not in samples]
    assert {one.name.partition(" ")[0] for one in work} == {"chat", "execute_tool"}
    assert {one.parent_span_id for one in work} == {one.span_id for one in samples}
    for one in rest:
        parent = by_id[one.parent_span_id]
        assert parent.start_time_unix_nano <= one.start_time_unix_nano
        assert one.start_time_unix_nano < one.end_time_unix_nano <= parent.end_time_unix_nano
    assert 0 <= time.time() - run.end_time_unix_nano / 1e9 < 3600


def test_attributes_are_those_of_the_conventions(plain: Traced) -> None:
    spans, agent = plain.receiver.spans, plain.report.agent
    assert agent is not None
    for one in spans:
        told = attributes(one)
        assert told["gen_ai.conversation.id"] == told["andon.run"] == plain.report.run
        assert told["gen_ai.operation.name"] == one.name.partition(" ")[0]
        assert "error.type" not in told and one.status.code == 0
    chats = [attributes(one) for one in spans if one.name == "chat scripted-reader"]
    assert len(chats) == agent.requests
    assert sum(told["gen_ai.usage.input_tokens"] for told in chats) == agent.tokens_in
    assert sum(told["gen_ai.usage.output_tokens"] for told in chats) == agent.tokens_out
    assert {told["gen_ai.request.temperature"] for told in chats} == {0.7}
    assert {told["gen_ai.response.model"] for told in chats} == {"scripted-reader"}
    calls = [attributes(one) for one in spans if one.name.startswith("execute_tool ")]
    assert len(calls) == agent.calls
    assert all(told["gen_ai.tool.call.id"] and told["gen_ai.tool.type"] == "function" for told in calls)
    assert [one["andon.tool.status"] for one in calls].count("refused") == 4
    lines = next(one for one in calls if one["gen_ai.tool.name"] == "log_lines")
    assert lines["andon.tool.status"] == "ok"
    assert lines["andon.observations"] and all(one.startswith("logs-") for one in lines["andon.observations"])


def test_our_receiver_keeps_them_as_telemetry(plain: Traced) -> None:
    kept = plain.receiver.kept
    assert len(kept) == len(plain.receiver.spans)
    assert set(kept.services) >= {"andon"} and "invoke_agent andon" in kept.names


def test_by_default_nothing_that_was_said_is_in_them(plain: Traced) -> None:
    sent = b"\n".join(plain.receiver.bodies)
    for said in (SECRET, MAIL, "charge refused", "is failing", *SAID):
        assert said.replace("call.", "call.arguments").encode() not in sent


def test_with_content_it_is_there_and_its_secrets_are_hidden(full: Traced) -> None:
    sent = b"\n".join(full.receiver.bodies)
    assert SECRET.encode() not in sent and MAIL.encode() not in sent
    told = [attributes(one) for one in full.receiver.spans]
    prompts = [one["gen_ai.input.messages"] for one in told if "gen_ai.input.messages" in one]
    assert "is failing since 12:10" in prompts[0] and "says that the key" in prompts[0]
    assert all(json.loads(one) for one in prompts)
    results = [one["gen_ai.tool.call.result"] for one in told if "gen_ai.tool.call.result" in one]
    assert any("charge refused for" in one for one in results)
    arguments = [json.loads(one["gen_ai.tool.call.arguments"]) for one in told if "gen_ai.tool.name" in one]
    assert {"orders"} <= {one.get("component") for one in arguments}
    with open_store(full.settings) as store:
        kept = [event.payload for event in store.events(full.report.run) if event.type == "model"]
    assert [len(one["messages"]) > 0 for one in kept] == [True] * len(prompts)


def test_a_replay_sends_nothing_and_gives_the_same_report(plain: Traced) -> None:
    before = len(plain.receiver.bodies)
    again = replay(plain.report.run, plain.settings)
    assert again.same and again.differs == ()
    assert len(plain.receiver.bodies) == before == 1


def test_a_dead_collector_is_told_and_changes_nothing(world: Path) -> None:
    report, _, journal = conducted(world, "dead", Tracing("http://127.0.0.1:9"))
    (told,) = [payload for type_, payload in journal if type_ == "traced"]
    assert told["problem"] == "cannot be reached (ConnectError)"
    assert report.agent is not None and report.agent.stopped == ""


def test_a_model_that_fails_is_told_by_the_status_alone(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "open_model", lambda _choice: Busy())
    file = world / "spans.jsonl"
    report, _, _ = conducted(world, "busy", Tracing(file=str(file), content=True))
    assert report.agent is not None and report.agent.stopped
    (resource,) = json.loads(file.read_text())["resourceSpans"]
    chat, sample, run = resource["scopeSpans"][0]["spans"]
    errors = [
        [pair["value"] for pair in one["attributes"] if pair["key"] == "error.type"]
        for one in (chat, sample, run)
    ]
    assert errors == [[{"stringValue": "429"}], [{"stringValue": "429"}], []]
    assert (chat["status"], run["status"]) == ({"code": 2}, {})
    assert "words of the server" not in file.read_text()


def test_without_tracing_there_is_no_word_of_it(world: Path) -> None:
    _, _, journal = conducted(world, "none", None)
    assert "traced" not in {type_ for type_, _ in journal}
