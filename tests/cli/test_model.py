"""A model on the command line: `investigate --model`, `--no-model`, `--samples`, and `replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from andon.testing.characters import Competent

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "examples" / "door-unlock.zip"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The models that were opened; a scripted one stands in for each."""
    choices: list[Any] = []

    def open_model(choice: Any) -> Competent:
        choices.append(choice)
        return Competent()

    monkeypatch.setattr("andon.llm.providers.open_model", open_model)
    monkeypatch.delenv("ANDON_MODEL", raising=False)
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "sk-of-a-test")
    return choices


def test_a_model_that_is_named_leads_and_the_run_is_replayed(andon, opened, tmp_path):
    outcome = andon("investigate", "-s", DOOR, "--model", "openai:some", "--samples", "2", "--json")
    assert outcome.code == 0
    agent = outcome.json["agent"]
    assert (agent["model"], agent["samples"], agent["agrees"]) == ("openai:some", 2, True)
    assert outcome.json["hypotheses"][0]["found_by"] == ["engine", "model"]
    assert [str(choice) for choice in opened] == ["openai:some"]
    shown = andon("show", outcome.json["run"])
    assert "Engine and model name the same first." in " ".join(shown.out.split())
    assert andon("verify").code == 0

    again = andon("replay", "latest", "--json")
    assert (again.code, again.json) == (0, outcome.json)
    assert "byte for byte" in again.err
    assert andon("export", "latest", tmp_path / "run.zip").code == 0
    from_file = andon("replay", tmp_path / "run.zip", "--json")
    assert (from_file.code, from_file.json) == (0, outcome.json)
    assert len(opened) == 1, "a replay asks no model"


def test_without_a_model_nothing_is_opened(andon, opened, home):
    outcome = andon("investigate", "-s", DOOR, "--json")
    assert (outcome.code, outcome.json["agent"], opened) == (0, None, [])
    assert andon("replay", "latest").code == 0


def test_the_configured_model_leads_unless_it_is_told_not_to(andon, opened):
    Path("andon.yaml").write_text(
        "model:\n  name: openai:mine\n  url: http://127.0.0.1:9/v1\n  budget: {requests: 1}\n"
    )
    told = andon("investigate", "-s", DOOR, "--json").json["agent"]
    assert told["model"] == "openai:mine" and "1 requests" in told["stopped"]
    assert andon("investigate", "-s", DOOR, "--no-model", "--json").json["agent"] is None
    other = andon("investigate", "-s", DOOR, "--model", "anthropic:other", "--json").json["agent"]
    assert other["model"] == "anthropic:other" and "1 requests" in other["stopped"], "the budget stays"
    assert [(str(choice), choice.url) for choice in opened] == [
        ("openai:mine", "http://127.0.0.1:9/v1"),
        ("anthropic:other", ""),
    ]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--no-model", "--model", "openai:x"], 2, "--no-model goes with neither"),
        (["--no-model", "--samples", "3"], 2, "--no-model goes with neither"),
        (["--samples", "3"], 2, "--samples needs a model"),
        (["--samples", "51"], 2, "less than or equal to 50"),
        (["--samples", "-1"], 2, "greater than or equal to 0"),
        (["--model", "gpt"], 3, "gpt"),
        (["--model", "nobody:gpt"], 3, "nobody"),
        (["--model", "openai:"], 3, "openai:"),
    ],
)
def test_what_does_not_go_together(andon, opened, options, code, said):
    outcome = andon("investigate", "-s", DOOR, *options)
    assert outcome.code == code
    assert said in outcome.err
    assert opened == []


def test_the_environment_names_a_model(andon, opened, monkeypatch):
    monkeypatch.setenv("ANDON_MODEL", "openai:from-env")
    assert andon("investigate", "-s", DOOR, "--json").json["agent"]["model"] == "openai:from-env"


def test_a_replay_that_differs_says_where(andon, opened, found, tamper):
    tamper("report", lambda report: report.update(headline="All is well."))
    outcome = andon("replay", "latest")
    assert outcome.code == 6
    assert "another headline in the report" in outcome.err
    assert "All is well." not in outcome.out


def test_what_is_no_run_is_not_replayed(andon, opened, tmp_path):
    assert andon("replay", "nosuchrun").code == 6
    (tmp_path / "x.zip").write_text("no bundle")
    outcome = andon("replay", tmp_path / "x.zip")
    assert (outcome.code, "is no exported run" in outcome.err) == (6, True)
