from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from mcp import Client

from andon.investigation.report import Report

from .conftest import Asking

QUESTIONS = ("architecture", "metrics", "logs", "traces", "changes", "alerts", "instruments", "suspects")


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_answered_about_a_run(asked: Callable[[Asking], Any], report: Report, name: str):
    result = asked(lambda client: client.call_tool(name, {"run": report.run}))
    assert not result.is_error
    assert result.structured_content["run"] == report.run
    assert result.content[0].text == result.structured_content["text"]
    assert result.structured_content["text"].startswith("<data>\n")


def test_rows_are_asked_more_of(asked: Callable[[Asking], Any]):
    async def both(client: Client) -> tuple[Any, Any, Any]:
        found = await client.call_tool("metrics", {"run": "latest", "top": 1})
        ref = {"run": "latest", "ref": found.structured_content["rows"][0]["ref"]}
        lines = await client.call_tool("log_lines", {"run": "latest", "text": "timed out"})
        return await client.call_tool("row", ref), await client.call_tool("series", ref), lines

    for result in asked(both):
        assert not result.is_error
        assert "<data>" in result.content[0].text


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("metrics", {}, "wrong arguments: run: Field required"),
        ("metrics", {"run": "latest", "top": "many"}, "wrong arguments: top: "),
        ("metrics", {"run": "latest", "top": 10_000}, "less than or equal to 25"),
        ("metrics", {"run": ["latest"]}, "valid string"),
        ("metrics", {"run": "x" * 1000}, "at most 80"),
        ("metrics", {"run": "latest", "windw": "1h"}, "metrics has no argument 'windw'"),
        ("log_lines", {"run": "latest", "text": ""}, "at least 1"),
        ("metrics", {"run": "nope"}, "no run match 'nope'; hint: "),
    ],
)
def test_wrong_arguments_are_told_in_words(
    asked: Callable[[Asking], Any], name: str, arguments: dict, words: str
):
    result = asked(lambda client: client.call_tool(name, arguments))
    assert result.is_error
    assert words in result.content[0].text
    assert "Traceback" not in result.content[0].text


@pytest.mark.parametrize(
    ("name", "more"),
    [*((name, {}) for name in QUESTIONS if name not in ("alerts", "suspects")), ("log_lines", {"text": "a"})],
)
def test_a_component_that_there_is_not_is_an_error_with_similar_names(
    asked: Callable[[Asking], Any], report: Report, name: str, more: dict[str, str]
):
    known = report.hypotheses[0].name
    arguments = {"run": "latest", "component": f"{known}x", **more}
    result = asked(lambda client: client.call_tool(name, arguments))
    assert result.is_error
    assert f"there is no component '{known}x'; similar: " in result.content[0].text
    assert known in result.content[0].text.partition("similar: ")[2]
