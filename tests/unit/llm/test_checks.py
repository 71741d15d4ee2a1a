from __future__ import annotations

import pytest

from andon.errors import ConfigError, MissingExtra, ModelError
from andon.llm import checks
from andon.llm.choice import KEYS, ModelChoice


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANDON_OFFLINE", *(name for names in KEYS.values() for name in names)):
        monkeypatch.delenv(name, raising=False)


def test_a_key_of_the_config_or_of_the_environment_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    checks.require(ModelChoice("anthropic", "x", key="k"))
    with pytest.raises(ConfigError, match="needs a key"):
        checks.require(ModelChoice("anthropic", "x"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    checks.require(ModelChoice("anthropic", "x"))


def test_another_address_may_need_no_key_and_bedrock_finds_its_own() -> None:
    checks.require(ModelChoice("openai", "x", url="http://127.0.0.1:9/v1"))
    checks.require(ModelChoice("bedrock", "x", region="eu-central-1"))


def test_offline_forbids_all_but_the_model_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDON_OFFLINE", "1")
    with pytest.raises(ModelError, match="ANDON_OFFLINE"):
        checks.require(ModelChoice("openai", "x", key="k"))
    checks.require(ModelChoice("local", ""))


@pytest.mark.parametrize(("provider", "extra"), [("google", "andon[llm]"), ("local", "andon[local]")])
def test_what_is_not_installed_names_its_extra(
    provider: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra) as caught:
        checks.require(ModelChoice(provider, "x", key="k"))
    assert extra in caught.value.hint
