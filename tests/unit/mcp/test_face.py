from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from mcp import Client, MCPError

from andon.config import Settings
from andon.investigation.report import Report
from andon.llm.redaction import Redactor
from andon.mcp import Face, Scope, build
from andon.storage import Store

from .conftest import DOOR, Asking, ask

TOOLS = {
    "investigate", "rerank", "runs", "report", "verify", "architecture", "metrics", "logs", "log_lines", "traces",
    "changes", "alerts", "instruments", "series", "row", "suspects",
}  # fmt: skip
KEY = "AKIAIOSFODNN7EXAMPL2"
MAIL = "someone@example.com"


async def refused(request: Coroutine[Any, Any, Any]) -> str:
    """Why a request is an error of the protocol."""
    with pytest.raises(MCPError) as caught:
        await request
    return caught.value.message


def with_secrets(settings: Settings) -> str:
    """A run whose question holds a key, an address and half a character."""
    store = Store(settings.home)
    parent = store.find("latest").id
    run = store.create_run(f"key {KEY} of {MAIL} \ud83d fails")
    store.copy_observations(parent, run)
    for event in store.events(parent):
        payload = json.loads(
            json.dumps(event.payload).replace("doors do not unlock", f"{KEY} {MAIL} {chr(92)}\\ud83d")
        )
        store.append(run, event.type, payload | ({"run": run} if event.type == "report" else {}))
    store.set_state(run, "done")
    store.close()
    return run


def test_every_tool_says_that_it_reads_and_what_it_returns(asked: Callable[[Asking], Any]):
    tools = asked(lambda client: client.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS
    for tool in tools:
        assert tool.annotations.read_only_hint and tool.annotations.destructive_hint is False
        assert tool.output_schema["type"] == "object"
        assert tool.description
    outward = {tool.name for tool in tools if tool.annotations.open_world_hint}
    assert outward == {"investigate", "rerank"}


def test_the_tools_of_a_server_are_not_many_words(asked: Callable[[Asking], Any]):
    tools = asked(lambda client: client.list_tools()).tools
    told = sum(len(tool.description) + len(json.dumps(tool.input_schema)) for tool in tools)
    assert told < 16_000


def test_the_sources_are_named_to_the_client(asked: Callable[[Asking], Any]):
    async def instructions(client: Client) -> str:
        return client.instructions or ""

    words = asked(instructions)
    assert "door-unlock.zip" in words
    assert str(DOOR.parent) not in words


def test_reports_are_resources(asked: Callable[[Asking], Any], report: Report):
    async def read(client: Client) -> list[Any]:
        listed = (await client.list_resources()).resources
        templates = (await client.list_resource_templates()).resource_templates
        uris = ["andon://runs", *(one.uri_template.replace("{run}", report.run) for one in templates)]
        return [listed, *[(await client.read_resource(uri)).contents[0] for uri in uris]]

    listed, runs, as_json, markdown, page = asked(read)
    assert [str(one.uri) for one in listed] == ["andon://runs", f"andon://runs/{report.run}/report.md"]
    assert json.loads(runs.text)["runs"][0]["run"] == report.run
    assert json.loads(as_json.text)["run"] == report.run
    assert markdown.text.startswith("# ")
    assert page.text.startswith("<!doctype html>")
    assert [one.mime_type for one in (runs, as_json, markdown, page)] == [
        "application/json", "application/json", "text/markdown", "text/html",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "uri",
    [
        "andon://runs/nope/report",
        "andon://runs/..%2F..%2Fetc/report",
        "file:///etc/passwd",
        "andon://runs/a/b/report",
    ],
)
def test_a_resource_that_there_is_not(asked: Callable[[Asking], Any], uri: str):
    words = asked(lambda client: refused(client.read_resource(uri)))
    assert words
    assert "Traceback" not in words


def test_the_prompt_holds_the_question(asked: Callable[[Asking], Any]):
    found = asked(lambda client: client.get_prompt("investigate", {"question": "doors {stay} shut"}))
    assert found.messages[0].content.text.startswith("Find out why this happened: doors {stay} shut\n")


def test_an_unknown_tool_and_an_unknown_prompt(asked: Callable[[Asking], Any]):
    assert asked(lambda client: client.call_tool("delete", {})).is_error
    assert asked(lambda client: refused(client.get_prompt("nope"))) == "Unknown prompt: nope"
    assert "question" in asked(lambda client: refused(client.get_prompt("investigate", {})))


def test_nothing_leaves_unhidden(face: Face, settings: Settings):
    run = with_secrets(settings)

    async def all_of_it(client: Client) -> list[str]:
        told = [(await client.list_resources()).model_dump_json()]
        for uri in (
            "andon://runs",
            *(f"andon://runs/{run}/{end}" for end in ("report", "report.md", "report.html")),
        ):
            told += [(await client.read_resource(uri)).model_dump_json()]
        for name, arguments in (
            ("runs", {}), ("report", {"run": run}), ("report", {"run": run, "form": "json"}), ("verify", {"run": run}),
            ("rerank", {"run": run}), ("metrics", {"run": run, "component": MAIL}), ("report", {"run": MAIL}),
        ):  # fmt: skip
            told.append((await client.call_tool(name, arguments)).model_dump_json())
        told.append((await client.get_prompt("investigate", {"question": MAIL})).model_dump_json())
        return told

    for text in ask(face, all_of_it):
        assert KEY not in text
        assert MAIL not in text
        assert "email-" in text or run in text


def test_a_client_may_name_what_was_hidden_from_it(face: Face, settings: Settings):
    redactor = Redactor(b"k" * 16)
    hidden = redactor.hide(MAIL)
    assert hidden != MAIL

    async def asking(client: Client) -> Any:
        await client.get_prompt("investigate", {"question": MAIL})
        return await client.call_tool("investigate", {"question": "doors do not unlock", "exclude": [hidden]})

    result = ask(face, asking)
    store = Store(settings.home)
    asked = next(event for event in store.events(result.structured_content["run"]) if event.type == "run")
    store.close()
    assert asked.payload["question"]["exclude"] == [MAIL]
    assert MAIL not in result.model_dump_json()


def test_runs_of_other_sources_are_not_there(settings: Settings, report: Report):
    elsewhere = settings.home / "elsewhere"
    elsewhere.mkdir()
    face = build(settings, Scope.of(settings, [str(elsewhere)]), Redactor(b"k" * 16))

    async def asking(client: Client) -> list[Any]:
        calls = [
            ("runs", {}),
            ("report", {"run": report.run}),
            ("metrics", {"run": "latest"}),
            ("rerank", {"run": report.run}),
        ]
        return [(await client.list_resources()).resources, *[await client.call_tool(*call) for call in calls]]

    listed, runs, *refused = ask(face, asking)
    assert len(listed) == 1
    assert runs.structured_content == {"runs": [], "total": 0}
    assert all(result.is_error and "no run match" in result.content[0].text for result in refused)
