from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from mcp import Client

from andon.app import investigating
from andon.config import Settings
from andon.investigation.report import Report
from andon.llm.redaction import Redactor
from andon.mcp import Face, build
from andon.mcp.records import Records
from andon.mcp.scope import Scope

from .conftest import DOOR, Asking, ask


def test_an_investigation_tells_how_far_it_is_and_what_it_found(face: Face, settings: Settings):
    told: list[tuple[float, str]] = []

    async def progress(done: float, _total: float | None, words: str | None) -> None:
        told.append((done, words or ""))

    async def asking(client: Client) -> Any:
        question = {"question": "doors do not unlock", "sources": ["door-unlock.zip"]}
        return await client.call_tool("investigate", question, progress_callback=progress)

    result = ask(face, asking)
    assert not result.is_error
    found = result.structured_content
    assert found["hypotheses"][0]["evidence"]
    assert found["verified"]
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    words = [one for _, one in told]
    assert "finding when it began" in words
    assert any(one.startswith("metrics-1: ok, ") for one in words)
    assert Records(settings, Scope.of(settings)).find("latest").id == found["run"]


def test_a_run_is_ranked_again_without_a_component(face: Face, report: Report):
    first = report.hypotheses[0]
    result = ask(face, lambda c: c.call_tool("rerank", {"run": "latest", "exclude": [first.component]}))
    found = result.structured_content
    assert found["run"] != report.run
    assert first.component not in [one["component"] for one in found["hypotheses"]]
    assert report.run in found["trail"][0]


@pytest.mark.parametrize("redirection", ["exclude", "pin", "also"])
def test_a_component_that_there_is_not_redirects_nothing(
    face: Face, settings: Settings, report: Report, redirection: str
):
    named = f"{report.hypotheses[0].name}x"
    result = ask(face, lambda c: c.call_tool("rerank", {"run": "latest", redirection: [named]}))
    assert result.is_error
    assert f"there is no component '{named}'; similar: " in result.content[0].text
    assert len(Records(settings, Scope.of(settings)).runs()) == 1


def test_a_component_is_redirected_by_any_of_its_names(face: Face, report: Report):
    first = report.hypotheses[0]
    arguments = {"run": "latest", "exclude": [first.name.upper()]}
    found = ask(face, lambda c: c.call_tool("rerank", arguments)).structured_content
    assert first.component not in [one["component"] for one in found["hypotheses"]]


@pytest.mark.parametrize("words", ["", "  "])
def test_where_nobody_says_what_is_wrong_nothing_is_investigated(settings: Settings, words: str):
    folder = settings.home / "quiet"
    folder.mkdir()
    (folder / "logs.jsonl").write_text('{"time": "2026-06-19T10:00:00Z", "service": "a", "body": "hello"}\n')
    face = build(settings, Scope.of(settings, [str(folder)]), Redactor(b"k" * 16))
    result = ask(face, lambda client: client.call_tool("investigate", {"question": words}))
    assert result.is_error
    assert result.content[0].text == "nobody says what is wrong; hint: say it in `question`, in plain words"
    assert len(Records(settings, Scope.of(settings)).runs()) == 1


def test_a_bundle_that_says_what_is_wrong_needs_no_words(
    face: Face, report: Report, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(investigating, "start", lambda *_, **__: report)
    result = ask(face, lambda client: client.call_tool("investigate", {"question": ""}))
    assert not result.is_error


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "question: Field required"),
        ({"question": "x" * 3000}, "at most 2000"),
        ({"question": "why", "sources": ["/etc"]}, "not among the sources that this server may look at"),
        ({"question": "why", "sources": [str(DOOR.parent)]}, "offered are: door-unlock.zip"),
        ({"question": "why", "sources": "door-unlock.zip"}, "valid list"),
        ({"question": "why", "start": "noon"}, "'noon' is no time; hint: write 2026"),
        ({"question": "why", "end": "2026-01-01"}, "an end needs a start"),
        ({"question": "why", "last": "soon"}, "no length of time"),
        ({"question": "why", "components": ["a"] * 51}, "at most 50"),
        ({"question": "why", "source": ["door-unlock.zip"]}, "no argument 'source'"),
    ],
)
def test_what_is_asked_wrongly_is_refused_and_makes_no_run(
    face: Face, settings: Settings, arguments: dict[str, Any], words: str
):
    result = ask(face, lambda client: client.call_tool("investigate", arguments))
    assert result.is_error
    assert words in result.content[0].text
    assert len(Records(settings, Scope.of(settings)).runs()) == 1


def test_what_is_told_on_the_way_is_hidden(face: Face, report: Report, monkeypatch: pytest.MonkeyPatch):
    told: list[str] = []

    def start(_question: Any, _sources: Any, _settings: Any, progress: Any, **_: Any) -> Report:
        progress("called", {"tool": "mail of someone@example.com"})
        return report

    async def progress(_done: float, _total: float | None, words: str | None) -> None:
        told.append(words or "")

    monkeypatch.setattr(investigating, "start", start)
    ask(face, lambda c: c.call_tool("investigate", {"question": "why"}, progress_callback=progress))
    assert len(told) == 1
    assert told[0].startswith("asked mail of ") and "someone" not in told[0]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_who_lets_go_ends_the_investigation(face: Face, settings: Settings, mode: str):
    async def asking(client: Client) -> None:
        begun = anyio.Event()

        async def progress(*_: Any) -> None:
            begun.set()

        async with anyio.create_task_group() as group:
            group.start_soon(
                lambda: client.call_tool("investigate", {"question": "why"}, progress_callback=progress)
            )
            await begun.wait()
            group.cancel_scope.cancel()
        for _ in range(500):
            if Records(settings, Scope.of(settings)).find("latest").state != "running":
                break
            await asyncio.sleep(0.02)

    ask(face, asking, mode=mode)
    assert Records(settings, Scope.of(settings)).find("latest").state == "interrupted"


def test_no_more_than_two_run_at_once(face: Face, report: Report, monkeypatch: pytest.MonkeyPatch):
    running, most, lock = 0, 0, threading.Lock()
    held = threading.Event()

    def start(*_: Any, **__: Any) -> Report:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        held.wait(0.2)
        with lock:
            running -= 1
        return report

    monkeypatch.setattr(investigating, "start", start)

    async def asking(client: Client) -> None:
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(client.call_tool, "investigate", {"question": "why"})

    ask(face, asking)
    assert most == 2


def test_a_bug_of_ours_tells_the_client_nothing_of_the_inside(
    asked: Callable[[Asking], Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def start(*_: Any, **__: Any) -> Report:
        raise KeyError("/srv/secret/path")

    monkeypatch.setattr(investigating, "start", start)
    result = asked(lambda client: client.call_tool("investigate", {"question": "why"}))
    assert result.is_error
    assert result.content[0].text == "Error executing tool investigate"
    assert "/srv/secret/path" in caplog.text
