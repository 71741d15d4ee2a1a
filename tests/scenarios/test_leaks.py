"""Two hundred secrets in every kind of signal, and not one of them in any byte that a model is sent."""

from __future__ import annotations

import asyncio
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter
from pydantic_ai import Agent
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from andon.app.minds import MODEL
from andon.app.runs import export_run, open_store
from andon.config import Settings
from andon.connectors.secrets import Vault
from andon.investigation.agent.conclusion import Conclusion
from andon.investigation.report import Report
from andon.llm.choice import ModelChoice
from andon.llm.guard import Access
from andon.llm.hiding import Hiding, Unhidden
from andon.llm.meter import Allowance, Meter
from andon.llm.providers import open_model
from andon.llm.redaction import Redactor
from andon.llm.transcript import Transcript
from andon.reports import to_json
from andon.telemetry import (
    ERROR,
    LogRecord,
)
from andon.testing.characters.obedient import Obedient
from andon.testing.imitations.llm_openai import OpenAiApi
from andon.testing.imitations.llm_server import Call, Turn
from scenarios.injections.planted import KINDS, Planted, drawn, spelled
from scenarios.injections.signals import PLACES
from scenarios.injections.world import ONSET, TRUTH, Stage, incident, staged

SEEDS = (1, 2, 3)
VAULT = "kettle drum of the vault"
SHOWN = {"email", "phone"}
"""Kinds that the reader of a report sees as they are."""
PARAMETERS = TypeAdapter(ModelRequestParameters)


class Recorder(WrapperModel):
    """Stands behind the guard, where the network would be, and keeps all that it is given and what was answered."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.sent = bytearray()
        self.answers: list[ModelResponse] = []

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        self.sent += ModelMessagesTypeAdapter.dump_json(messages)
        self.sent += PARAMETERS.dump_json(model_request_parameters) + repr(model_settings).encode()
        self.answers.append(await super().request(messages, model_settings, model_request_parameters))
        return self.answers[-1]


def planted(seed: int) -> tuple[Stage, list[tuple[str, Planted]]]:
    """The incident with two hundred secrets in it, and where each of them stands; another seed has other kinds in a place."""
    parts, places, where = incident(), list(PLACES), []
    parts.question = replace(parts.question, components=("alpha",))
    parts.records.append(LogRecord(ONSET + 5, ERROR, TRUTH, f"cannot open the vault with {VAULT}"))
    for n, secret in enumerate(drawn(seed)):
        place = places[(n + seed * (n // len(KINDS))) % len(places)]
        PLACES[place](parts, secret.text, n)
        where.append((place, secret))
    return staged(parts), where


def redactor() -> Redactor:
    vault = Vault()
    vault.know(VAULT)
    return Redactor(b"key of the test", known=vault.known)


def access_to(model: Model, hiding: Hiding, transcript: Transcript | None = None) -> Access:
    allowance = Allowance(requests=80, calls=3000, tokens=10**9, bytes=10**9)
    return Access(model, Meter(allowance), hiding, transcript or Transcript())


def found(data: bytes, where: Sequence[tuple[str, Planted]]) -> list[str]:
    """Which secrets stand in the bytes, in whatever spelling."""
    text = data.decode("utf-8", "backslashreplace")
    return [
        f"{secret.kind} in {place}: {secret.text!r}"
        for place, secret in where
        if any(spelling in text for value in secret.secrets for spelling in spelled(value))
    ]


def curious() -> Obedient:
    """It asks every tool about everything, and for every row that it sees."""
    return Obedient(rounds=30, rows=1000)


@pytest.fixture(scope="module", params=SEEDS)
def told(
    request: pytest.FixtureRequest,
) -> tuple[Recorder, Stage, list[tuple[str, Planted]], Report, list[Mapping[str, Any]]]:
    """An investigation of everything, behind the guard."""
    stage, where = planted(request.param)
    recorder, kept = Recorder(curious()), []
    report = stage.led_by(access_to(recorder, redactor(), Transcript(kept.append)))
    return recorder, stage, where, report, kept


def test_no_secret_is_in_any_byte_that_is_sent(told: Any) -> None:
    recorder, _stage, where, _report, _kept = told
    leaked = found(bytes(recorder.sent), where)
    assert leaked == [], f"{len(leaked)} of {len(where)}"
    assert VAULT.encode() not in recorder.sent
    assert recorder.sent.count(b"[[secret-") > 100


def test_no_part_of_a_key_is_sent_where_a_line_was_cut(told: Any) -> None:
    """A key that was cut in half, or of which a log template hides the digits alone, would show the rest of it."""
    recorder, _stage, where, _report, _kept = told
    text = bytes(recorder.sent).decode("utf-8", "backslashreplace")
    parts = [
        f"{one.kind} in {place}: {value[at : at + _PART]!r} of {one.text!r}"
        for place, one in where
        if one.kind not in SHOWN
        for value in (one.secrets[-1:] if one.kind == "jwt" else one.secrets)
        for at in range(_SHAPE, len(value) - _PART)
        if value[at : at + _PART] in text
    ]
    assert parts == []


_PART, _SHAPE = 12, 8
"""So many characters in a row are a part of a key; the first ones only tell what kind of key it is."""


def test_without_the_redactor_they_would_be_sent() -> None:
    """What the other tests prove is worth as much as what would have been sent without it."""
    reached: set[str] = set()
    for seed in SEEDS:
        stage, where = planted(seed)
        recorder = Recorder(curious())
        stage.led_by(access_to(recorder, Unhidden()))
        leaked = found(bytes(recorder.sent), where)
        assert len(leaked) > 120
        reached |= {line.partition(":")[0] for line in leaked}
    assert {line.partition(" in ")[0] for line in reached} == set(KINDS)
    assert set(PLACES) - {line.partition(" in ")[2] for line in reached} == {
        "log-attribute",
        "span-name",
        "span-message",
    }


def test_no_secret_is_in_the_transcript_that_is_kept(told: Any) -> None:
    _recorder, _stage, where, _report, kept = told
    assert len(kept) > 5
    assert found(orjson.dumps(kept), where) == []


def test_no_secret_is_in_the_exchanges_of_an_exported_run(told: Any, tmp_path: Path) -> None:
    _recorder, _stage, where, _report, kept = told
    settings = Settings(tmp_path, tmp_path / "andon.yaml")
    with open_store(settings) as store:
        run = store.create_run("alpha fails")
        for exchange in kept:
            store.append(run, MODEL, exchange)
        store.set_state(run, "done")
    export_run(run, tmp_path / "run.zip", settings)
    with zipfile.ZipFile(tmp_path / "run.zip") as bundle:
        events = [line for line in bundle.read("journal.jsonl").splitlines() if line.startswith(b'["model"')]
    assert len(events) == len(kept)
    assert found(b"\n".join(events), where) == []


def test_no_secret_is_in_what_a_real_client_writes_to_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same conversation through the client library, down to the bytes of HTTP."""
    monkeypatch.delenv("ANDON_OFFLINE", raising=False)
    stage, where = planted(SEEDS[0])
    rehearsed = Recorder(curious())
    stage.led_by(access_to(rehearsed, redactor()))
    script = [
        Turn(
            calls=tuple(
                Call(call.tool_name, call.args_as_dict(), f"call-{n}-{i}")
                for i, call in enumerate(answer.parts)
            )
        )
        for n, answer in enumerate(rehearsed.answers)
        if all(isinstance(part, ToolCallPart) for part in answer.parts)
    ]
    again, _ = planted(SEEDS[0])
    with OpenAiApi(script, key=_KEY, models=["some-model"]) as server:
        model = open_model(ModelChoice("openai", "some-model", server.url + "/v1", key=_KEY, timeout=20.0))
        report = again.led_by(access_to(model, redactor()))
        sent = b"\n".join(
            json.dumps(
                [asked.method, asked.path, asked.params, {**asked.headers, "authorization": ""}]
            ).encode()
            + asked.body
            for asked in server.asked
        )
    assert server.refused == []
    assert report.agent is not None and report.agent.requests == len(server.asked) == len(script)
    assert len(sent) > len(rehearsed.sent) / 4
    assert found(sent, where) == []
    assert VAULT.encode() not in sent


_KEY = "key-of-the-imitation"


@pytest.mark.parametrize("kind", ["email", "phone", "github-token", "password"])
def test_the_reader_sees_names_where_the_model_saw_none_and_no_secret_in_its_words(kind: str) -> None:
    """What the model says of a row has names put back; a secret stays hidden, so that its words are not borne out."""
    (secret,) = [one for one in drawn(7, len(KINDS)) if one.kind == kind]
    parts = incident()
    parts.records = [r for r in parts.records if r.severity < ERROR]
    parts.records += [
        LogRecord(ONSET + s, ERROR, TRUTH, f"cannot pay: {secret.text}") for s in range(0, 180, 2)
    ]
    stage, heard = staged(parts), bytearray()
    report = stage.led_by(access_to(FunctionModel(_quoting(heard)), redactor()))
    assert not any(value.encode() in heard for value in secret.secrets)
    assert f"[[{kind if kind in SHOWN else 'secret'}-".encode() in heard
    leader = report.hypotheses[0]
    assert "model" in leader.found_by and report.agent is not None
    if kind in SHOWN:
        assert secret.secrets[0] in leader.reading
        assert "[[" not in leader.reading
    else:
        told = [leader.reading, *report.agent.dropped]
        assert not any(value in words for value in secret.secrets for words in told)
        assert f"{secret.secrets[0]}" in to_json(report).decode()  # The engine's quote of the user's own log.


def _quoting(heard: bytearray) -> Callable[[list[ModelMessage], AgentInfo], ModelResponse]:
    """A model that names the true cause, and quotes the log as it was shown to it."""

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        heard[:] = ModelMessagesTypeAdapter.dump_json(messages)
        if len(messages) == 1:
            return ModelResponse([ToolCallPart("log_lines", {"text": "cannot pay"})])
        if len(messages) == 3:
            tried = {"component": TRUTH, "mechanism": "bad-deploy", "change": "deploy-7", "test": "elsewhere"}
            return ModelResponse([ToolCallPart("disprove", tried)])
        said = next(part.content for part in _returned(messages) if part.tool_name == "log_lines")
        ref, quote = re.findall(r"\[(logs-\d+:lines\.\d+)\] .*?“(cannot pay[^”\n]*)", str(said))[0]
        why = f"It logged “{quote}”."
        proposal = {
            "component": TRUTH,
            "mechanism": "bad-deploy",
            "change": "deploy-7",
            "likelihood": 0.9,
            "why": why,
        }
        return ModelResponse(
            [ToolCallPart("final_result", {"hypotheses": [proposal | {"evidence": [{"ref": ref}]}]})]
        )

    return answer


def _returned(messages: Iterable[ModelMessage]) -> list[ToolReturnPart]:
    requests = [message for message in messages if isinstance(message, ModelRequest)]
    return [part for request in requests for part in request.parts if isinstance(part, ToolReturnPart)]


@pytest.mark.parametrize("limit", [240, 320, 400, 2000, 3000])
@pytest.mark.parametrize("kind", ["github-token", "aws-key", "random", "jwt"])
def test_no_first_half_of_a_key_is_sent_where_a_line_is_cut(kind: str, limit: int) -> None:
    """Lines are cut for a quote, for an answer, for keeping: seventeen characters into the key here."""
    (one,) = [secret for secret in drawn(5, len(KINDS)) if secret.kind == kind]
    key, parts = one.secrets[0], incident()
    room = limit - one.text.index(key) - 18
    body = ("cannot pay " + "word " * 1000)[:room] + " " + one.text
    parts.records = [r for r in parts.records if r.severity < ERROR]
    parts.records += [LogRecord(ONSET + s, ERROR, TRUTH, body) for s in range(0, 180, 4)]
    recorder = Recorder(Obedient(rounds=4, rows=60))
    staged(parts).led_by(access_to(recorder, redactor()))
    assert b"cannot pay word" in recorder.sent
    assert key[:13].encode() not in recorder.sent


def test_instructions_that_go_beside_the_messages_are_hidden_too() -> None:
    """Clients send the instructions of the request's parameters, not those of its messages."""
    recorder = Recorder(Obedient(curious=False))
    guarded = access_to(recorder, redactor()).lane("chat")
    agent = Agent(
        guarded, output_type=Conclusion, instructions=f"Speak with kim.doe@mail7.example.com of {VAULT}."
    )
    asyncio.run(agent.run("why?"))
    assert VAULT.encode() not in recorder.sent
    assert b"kim.doe" not in recorder.sent
    assert recorder.sent.count(b"[[email-") >= 2
