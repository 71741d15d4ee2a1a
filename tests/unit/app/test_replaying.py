"""Runs with scripted models, replayed: whatever came of a run comes of it again, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from andon.app.investigating import proceed, start
from andon.app.replaying import replay
from andon.app.runs import export_run, import_run, open_store
from andon.app.sources import open_parts
from andon.config import ModelEntry, Settings
from andon.connectors import Signal
from andon.errors import ModelError, StorageError
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.testing import MemoryConnector
from andon.testing.characters import Competent, Contrary, Hallucinating, Lazy, Looping
from unit.investigation.agent.desks import held
from unit.investigation.incident import END, START

DOOR = Path(__file__).parents[3] / "examples" / "door-unlock.zip"
QUESTION = Question("alpha fails")
MODEL = ModelEntry("openai:scripted", url="http://127.0.0.1:9")

With = Callable[[Model], Settings]


@pytest.fixture
def having(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> With:
    """Settings with an own store, and with a scripted model."""

    def with_(model: Model, **entry: Any) -> Settings:
        monkeypatch.setattr("andon.llm.providers.open_model", lambda _choice: model)
        return Settings(tmp_path, tmp_path / "andon.yaml", model=replace(MODEL, **entry))

    return with_


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small incident is what every run looks at."""

    @contextmanager
    def open_it(*_: Any) -> Iterator[list[Any]]:
        yield [held()]

    monkeypatch.setattr("andon.app.investigating.open_parts", open_it)


def replayed(report: Report, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The report of a replay without a model and without sources, which must be the very same."""

    def gone(*_: Any) -> Any:
        raise AssertionError("a replay opens neither model nor source")

    with monkeypatch.context() as patched:
        patched.setattr("andon.llm.providers.open_model", gone)
        patched.setattr("andon.app.investigating.open_parts", gone)
        again = replay(report.run, replace(settings, model=None))
    assert (again.differs, again.same) == ((), True)
    assert again.report == report
    return again.report


def dying(turns: int) -> FunctionModel:
    """A model that asks, and is gone after so many answers."""

    def speak(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        spoken = sum(isinstance(one, ModelResponse) for one in messages)
        if spoken >= turns:
            raise ModelError("connection lost", hint="try again")
        return ModelResponse(parts=[ToolCallPart("log_lines", {"text": str(spoken)}), ToolCallPart("traces")])

    return FunctionModel(speak)


def widening() -> FunctionModel:
    """A model that looks at other places and times before it concludes nothing."""

    def speak(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        spoken = sum(isinstance(one, ModelResponse) for one in messages)
        asked = [
            [ToolCallPart("metrics", {"component": "nobody"}), ToolCallPart("suspects", {})],
            [ToolCallPart("look_again", {"exclude": "charlie"})],
            [ToolCallPart("metrics", {"top": 3}), ToolCallPart("log_lines", {"text": "error", "top": 1})],
            [ToolCallPart("final_result", {"hypotheses": []})],
        ]
        return ModelResponse(parts=[TextPart("Let me see."), *asked[min(spoken, 3)]])

    return FunctionModel(speak)


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize(
    "model",
    [
        Competent,
        Lazy,
        Looping,
        Contrary,
        lambda: Hallucinating(7, 0.5),
        lambda: dying(0),
        lambda: dying(2),
        widening,
    ],
)
def test_a_run_is_replayed_byte_for_byte(
    model: Callable[[], Model], samples: int, having: With, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = having(model(), samples=samples)  # type: ignore[call-arg]
    report = start(QUESTION, ["small"], settings)
    assert report.agent is not None and report.agent.requests >= 1
    replayed(report, settings, monkeypatch)


@pytest.mark.parametrize("budget", [{"requests": 2}, {"tokens": 2000}, {"bytes": 1000}, {"calls": 2}])
def test_a_run_that_used_up_its_allowance_is_replayed(
    budget: dict[str, float], having: With, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = having(Competent(), budget=budget)  # type: ignore[call-arg]
    report = start(QUESTION, ["small"], settings)
    assert report.agent is not None and (report.agent.stopped or "calls" in budget)
    replayed(report, settings, monkeypatch)


def test_a_run_that_goes_on_from_another_is_replayed(having: With, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = having(Competent())
    first = start(QUESTION, ["small"], settings)
    second = proceed(first.run, Question("", exclude=("charlie",)), settings)
    assert second.trail
    replayed(first, settings, monkeypatch)
    replayed(second, settings, monkeypatch)


def test_a_run_without_a_model_is_replayed_as_well(having: With, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(having(Competent()), model=None)
    report = start(QUESTION, ["small"], settings)
    assert replayed(report, settings, monkeypatch).agent is None


def test_a_run_is_replayed_elsewhere_from_its_bundle(
    having: With, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = having(widening(), samples=3)  # type: ignore[call-arg]
    report = start(QUESTION, ["small"], settings)
    bundle = tmp_path / "run.zip"
    export_run(report.run, bundle, settings)
    elsewhere = Settings(tmp_path / "elsewhere", tmp_path / "none.yaml")
    from_file = replay(str(bundle), elsewhere)
    assert from_file.same and from_file.report == report
    assert not (tmp_path / "elsewhere" / "andon.sqlite").exists(), "a replay of a file needs no store"
    import_run(bundle, elsewhere)
    assert replayed(report, elsewhere, monkeypatch) == report


def test_what_was_tampered_with_gives_another_report(having: With, tmp_path: Path) -> None:
    settings = having(Competent())
    report = start(QUESTION, ["small"], settings)
    with open_store(settings) as store:
        events = [(event.type, dict(event.payload)) for event in store.events(report.run)]
        observations = list(store.observations(report.run))
        run = store.find(report.run)
    for type_, payload in events:
        if type_ == "report":
            payload["headline"] = "All is well."
    forged = Settings(tmp_path / "forged", tmp_path / "none.yaml")
    with open_store(forged) as store:
        store.adopt(run, events, observations)
    again = replay(report.run, forged)
    assert not again.same
    assert again.differs == ("another headline in the report",)
    assert again.report.headline == report.headline


def test_a_run_without_a_report_cannot_be_replayed(having: With) -> None:
    settings = having(Competent())
    with open_store(settings) as store:
        run = store.create_run("why?")
    with pytest.raises(StorageError, match="holds no report"):
        replay(run, settings)


def test_a_recorded_incident_is_replayed(having: With, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = having(Hallucinating(11, 0.6), samples=3)  # type: ignore[call-arg]
    with monkeypatch.context() as patched:
        patched.setattr("andon.app.investigating.open_parts", open_parts)
        report = start(Question("The iOS app cannot unlock doors."), [str(DOOR)], settings)
    replayed(report, settings, monkeypatch)


def test_live_systems_are_replayed_without_them(having: With, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = held()
    signals = {
        "prometheus": Signal.METRICS,
        "loki": Signal.LOGS,
        "tempo": Signal.TRACES,
        "model": Signal.TOPOLOGY,
    }
    parts = [MemoryConnector(name, memory, (signal,)) for name, signal in signals.items()]
    monkeypatch.setattr("andon.investigation.engine.settled", lambda _report: False)
    settings = having(widening(), samples=2)  # type: ignore[call-arg]

    @contextmanager
    def open_them(*_: Any) -> Iterator[list[Any]]:
        yield parts

    with monkeypatch.context() as patched:
        patched.setattr("andon.app.investigating.open_parts", open_them)
        report = start(QUESTION, ["prometheus"], settings, last=END - START, until=END)
    assert report.agent is not None and report.agent.calls >= 5
    assert any(row.tool == "fetch" for row in report.coverage)
    replayed(report, settings, monkeypatch)
    for part in parts:
        part.session.close()
