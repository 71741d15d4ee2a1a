from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from andon.connectors.lent import Lender, open_lenders
from andon.connectors.secrets import Vault
from andon.errors import ConfigError, MissingExtra
from andon.telemetry import Status

SERVER = Path(__file__).parents[3] / "fixtures" / "lent" / "server.py"


@contextmanager
def lender(mode: str, **more: Any) -> Iterator[Lender]:
    entry = {"command": [sys.executable, str(SERVER), mode], "limits": {"seconds": 20}} | more
    with open_lenders({"books": entry}, Vault()) as (found,):
        yield found


def test_a_tool_that_reads_is_lent_and_answers():
    with lender("friendly") as books:
        assert [tool.name for tool in books.tools] == ["books_search"]
        answer = books.call("search", {"query": "disk"})
        assert answer.status is Status.OK
        assert answer.lines == ("found disk", "second line")
        assert books.tools[0].schema["required"] == ["query"]


def test_a_tool_that_changes_something_is_not_lent_even_when_listed():
    with lender("friendly", tools=["delete", "silent"]) as books:
        assert [tool.tool for tool in books.tools] == ["silent"]
        assert "changes something" in str(books.problems[0])


def test_a_program_gets_no_more_of_our_environment_than_it_needs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-you")
    monkeypatch.setenv("BOOKS_TOKEN", "hunter2-hunter2")
    with lender("environment", env={"TOKEN": "${env:BOOKS_TOKEN}", "MODE": "quiet"}) as books:
        answer = books.call("search", {"query": ""})
    names = {line.partition("=")[0] for line in answer.lines}
    assert names - {"LC_CTYPE"} <= {"PATH", "HOME", "LANG", "TOKEN", "MODE"}
    assert "MODE=quiet" in answer.lines
    assert "TOKEN=***" in answer.lines


def test_a_thousand_tools_are_cut():
    with lender("thousand") as books:
        assert len(books.tools) == 64
        assert books.problems[-1].count == 936


def test_noise_on_its_stdout_is_passed_over():
    with lender("noise") as books:
        assert books.call("search", {"query": "a"}).status is Status.OK


@pytest.mark.parametrize(
    ("mode", "seconds", "words"),
    [
        ("huge", 20, "Connection closed"),
        ("dies", 20, "Connection closed"),
        ("slow", 0.5, "no answer within 0.5 s"),
        ("error", 20, "books.search: index is missing"),
        ("asks", 20, "otherwise than the protocol says"),
    ],
)
def test_whatever_it_does_is_a_gap(mode: str, seconds: float, words: str):
    with lender(mode, limits={"seconds": seconds}) as books:
        if not books.tools:  # The machine was too busy to start it in time; the gap is told all the same.
            assert "no answer within" in str(books.problems[0])
            return
        answer = books.call("search", {"query": "a"})
        assert answer.status is Status.FAILED
        assert answer.lines == ()
        assert words in str(answer.problems[0])


def test_one_that_never_speaks_lends_nothing():
    with lender("mute", limits={"seconds": 0.3}) as books:
        assert books.tools == ()
        assert str(books.problems[0]) == "books: no answer within 0.3 s"
        assert books.call("search", {}).status is Status.FAILED


def test_one_that_is_not_there_lends_nothing_and_the_others_do():
    entries = {
        "gone": {"command": ["/nowhere/at-all"]},
        "books": {"command": [sys.executable, str(SERVER), "ok"]},
    }
    with open_lenders(entries, Vault()) as (gone, books):
        assert "FileNotFoundError" in str(gone.problems[0])
        assert books.tools


def test_a_secret_that_is_not_there_is_a_gap(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NOT_THERE", raising=False)
    web = {"url": "http://127.0.0.1:9/mcp", "auth": {"bearer": "${env:NOT_THERE}"}}
    program = {"command": [sys.executable, str(SERVER), "ok"], "env": {"A": "${env:NOT_THERE}"}}
    with open_lenders({"web": web, "program": program}, Vault()) as lenders:
        for one in lenders:
            assert one.tools == ()
            assert "NOT_THERE is not set" in str(one.problems[0])


def test_a_wrong_entry_is_told_before_anything_is_started():
    with pytest.raises(ConfigError, match=r"mcp\.books"), open_lenders({"books": {}}, Vault()):
        pass


def test_without_the_package_mcp_it_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "andon.connectors.lent.transports", None)
    with pytest.raises(MissingExtra, match="need the package mcp"), lender("friendly"):
        pass


def test_arguments_without_end_are_not_sent():
    with lender("friendly") as books:
        answer = books.call("search", {"query": "x" * 20_000})
        assert answer.status is Status.FAILED
        assert "not sent" in str(answer.problems[0])


def test_after_the_end_calls_fail_and_closing_twice_is_safe():
    with lender("friendly") as books:
        pass
    books.close()
    assert "has ended" in str(books.call("search", {}).problems[0])
