from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from andon.app.minds import MIND, MODEL, allowance_of, choice_of, open_mind, recorded_mind
from andon.config import ModelEntry, Settings
from andon.connectors.secrets import Vault
from andon.errors import ConfigError
from andon.llm.meter import Allowance
from andon.testing.characters import Competent

ENTRY = ModelEntry(
    "openai:gpt-x",
    samples=4,
    temperature=0.3,
    budget={"requests": 5.0, "dollars": 0.5},
    prices={"input": 1, "output": 2},
)

Journal = list[tuple[str, Mapping[str, Any]]]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("andon.llm.providers.open_model", lambda _choice: Closing())
    Closing.closed = 0
    return Settings(tmp_path, tmp_path / "andon.yaml", model=ENTRY)


class Closing(Competent):
    closed = 0

    def close(self) -> None:
        type(self).closed += 1


def test_without_a_model_there_is_no_mind(tmp_path: Path) -> None:
    journal: Journal = []
    with open_mind(Settings(tmp_path, tmp_path / "x"), lambda *e: journal.append(e)) as mind:
        assert mind is None
    assert journal == []


def test_a_mind_is_as_the_settings_say_and_closed_afterwards(settings: Settings) -> None:
    journal: Journal = []
    with open_mind(settings, lambda *e: journal.append(e)) as mind:
        assert mind is not None
        assert (mind.samples, mind.temperature, mind.access.name) == (4, 0.3, "openai:gpt-x")
        assert mind.access.meter.allowance == Allowance(requests=5, dollars=0.5)
    assert Closing.closed == 1
    with pytest.raises(RuntimeError), open_mind(settings, lambda *_: None):
        raise RuntimeError
    assert Closing.closed == 2
    ((type_, told),) = journal
    assert type_ == MIND and told["samples"] == 4 and len(bytes.fromhex(told["key"])) == 16


def test_each_run_has_pseudonyms_of_its_own_unless_it_goes_on(settings: Settings) -> None:
    def hidden(**given: Any) -> str:
        with open_mind(settings, lambda *_: None, **given) as mind:
            assert mind is not None
            text: str = mind.access.redactor.hide_value("mail jane.roe@example.org")
            return text

    assert "jane" not in hidden() and hidden() != hidden()
    assert hidden(key=b"k" * 16) == hidden(key=b"k" * 16)


def test_what_was_exchanged_is_journaled_and_answers_on_a_replay(settings: Settings) -> None:
    from andon.llm.transcript import Exchange

    journal: Journal = []
    with open_mind(settings, lambda *e: journal.append(e)) as mind:
        assert mind is not None
        mind.access.transcript.add(Exchange("sample-1", 1, "0" * 64, [], [], None, "failed", "gone"), 1)
    told = next(payload for type_, payload in journal if type_ == MIND)
    exchanges = [payload for type_, payload in journal if type_ == MODEL]
    again, recorded = recorded_mind(told, exchanges, lambda *_: None)
    assert (again.samples, again.temperature, again.access.name) == (4, 0.3, "openai:gpt-x")
    assert again.access.meter.allowance == Allowance(requests=5, dollars=0.5, seconds=float("inf"))
    assert recorded.next("sample-1", "0" * 64).error == "gone" and recorded.differs == []


def test_a_key_is_revealed_from_where_the_config_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "s3cret-value-of-mine")
    vault = Vault()
    choice = choice_of(replace(ENTRY, key="${env:MY_KEY}"), vault)
    assert choice.key == "s3cret-value-of-mine" and "s3cret" not in repr(choice)
    assert "s3cret-value-of-mine" in vault.known()
    (tmp_path / "key").write_text("from-a-file-0123\n")
    assert choice_of(replace(ENTRY, key="${file:key}", folder=tmp_path), Vault()).key == "from-a-file-0123"
    assert choice_of(ENTRY, Vault()).key == ""


def test_a_key_in_the_open_is_refused_without_being_told() -> None:
    with pytest.raises(ConfigError) as refused:
        choice_of(replace(ENTRY, key="sk-live-0123456789abcdef", origin="andon.yaml: model"), Vault())
    assert "andon.yaml: model.key" in str(refused.value) and "sk-live-0123456789abcdef" not in str(
        refused.value
    )


def test_a_provider_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError):
        choice_of(replace(ENTRY, name="gpt-x"), Vault())


def test_what_may_be_spent_is_what_is_stated_and_else_the_default() -> None:
    assert allowance_of(ModelEntry("openai:x")) == Allowance()
    stated = allowance_of(ModelEntry("openai:x", budget={"tokens": 1e5, "seconds": 7, "bytes": 10.0}))
    assert stated == Allowance(tokens=100_000, seconds=7.0, bytes=10)
    assert isinstance(stated.tokens, int) and isinstance(stated.bytes, int)
