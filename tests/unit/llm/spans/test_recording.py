from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from andon.config import ModelEntry, Tracing
from andon.errors import MissingExtra, StorageError
from andon.llm.spans import recording
from andon.llm.spans.recording import TRACED, recorded
from andon.llm.spans.span import Trace, span

Journal = list[tuple[str, Mapping[str, Any]]]


def run_in(tracing: Tracing | None, journal: Journal, model: ModelEntry | None = None) -> None:
    with (
        recorded(tracing, "run-1", model, lambda *event: journal.append(event), patience=0.5),
        span("inner"),
    ):
        pass


def in_file(file: Path) -> list[dict[str, Any]]:
    return json.loads(file.read_text())["resourceSpans"][0]["scopeSpans"][0]["spans"]  # type: ignore[no-any-return]


def test_without_tracing_nothing_is_done(tmp_path: Path) -> None:
    journal: Journal = []
    run_in(None, journal)
    assert journal == [] and list(tmp_path.iterdir()) == []


def test_a_run_is_the_first_span_and_carries_its_model(tmp_path: Path) -> None:
    file, journal = tmp_path / "spans.jsonl", []
    run_in(Tracing(file=str(file)), journal, ModelEntry("google:gemini-x"))
    inner, run = in_file(file)
    told = {pair["key"]: pair["value"] for pair in run["attributes"]}
    assert run["name"] == "invoke_agent andon" and inner["parentSpanId"] == run["spanId"]
    assert told["gen_ai.provider.name"] == {"stringValue": "gcp.gemini"}
    assert told["gen_ai.request.model"] == {"stringValue": "gemini-x"}
    assert told["gen_ai.conversation.id"] == told["andon.run"] == {"stringValue": "run-1"}
    assert journal == [(TRACED, {"to": str(file), "trace": run["traceId"], "spans": 2, "problem": ""})]


def test_a_run_that_fails_leaves_its_spans(tmp_path: Path) -> None:
    file, journal = tmp_path / "spans.jsonl", []
    with (
        pytest.raises(StorageError),
        recorded(Tracing(file=str(file)), "r", None, lambda *event: journal.append(event)),
    ):
        raise StorageError("the disk is full")
    (run,) = in_file(file)
    assert run["status"] == {"code": 2}
    assert {"key": "error.type", "value": {"stringValue": "StorageError"}} in run["attributes"]


def test_where_spans_do_not_arrive_the_run_is_none_the_worse(tmp_path: Path) -> None:
    journal: Journal = []
    run_in(Tracing(file=str(tmp_path)), journal)
    assert journal[0][1]["problem"].startswith("cannot be written")

    def full(*_event: Any) -> None:
        raise StorageError("the disk is full")

    with recorded(Tracing(file=str(tmp_path)), "r", None, full):
        pass


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://127.0.0.1:4318", True),
        ("http://localhost:4318", True),
        ("http://[::1]:4318", True),
        ("http://collector.example:4318", False),
        ("http://10.0.0.7:4318", False),
    ],
)
def test_offline_only_this_machine_is_sent_spans(
    url: str, sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from andon.llm.spans import destinations

    asked: list[Trace] = []
    monkeypatch.setattr(destinations.Collector, "send", lambda _self, trace, _seconds: asked.append(trace))
    monkeypatch.setenv("ANDON_OFFLINE", "1")
    journal: Journal = []
    run_in(Tracing(url), journal)
    assert bool(asked) == sent
    assert ("ANDON_OFFLINE" in journal[0][1]["problem"]) != sent


def test_a_missing_library_is_told_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingExtra("tracing", hint="pip install 'andon[otlp]'")

    monkeypatch.setattr(recording, "otlp_messages", missing)
    begun = []
    with pytest.raises(MissingExtra), recorded(Tracing("http://h"), "r", None, lambda *_: None):
        begun.append(1)
    assert begun == []
