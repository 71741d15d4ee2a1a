from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import ConfigError
from andon.llm.choice import KEYS, PROVIDERS, ModelChoice, parse_choice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anthropic:claude-sonnet-5-5", ("anthropic", "claude-sonnet-5-5")),
        (" openai : qwen3-32b ", ("openai", "qwen3-32b")),
        ("openai:llama3.2:3b", ("openai", "llama3.2:3b")),
        ("bedrock:eu.anthropic.claude-v1:0", ("bedrock", "eu.anthropic.claude-v1:0")),
        ("local:./model.gguf", ("local", "./model.gguf")),
    ],
)
def test_a_choice_is_read(text: str, expected: tuple[str, str]):
    assert parse_choice(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("antropic:claude", '"antropic" is not a provider', 'did you mean "anthropic:claude"?'),
        ("OpenAI:gpt", '"OpenAI" is not a provider', 'did you mean "openai:gpt"?'),
        ("zzz:x", '"zzz" is not a provider', "providers: anthropic, openai, bedrock, google, local"),
        ("claude-sonnet-5-5", "names no provider", "write provider:model"),
        ("anthropic:", "names no model", "write provider:model"),
        ("anthropic", "names no model", "write provider:model"),
        ("", "names no provider", "write provider:model"),
        ("openai:a\nb", "cannot be printed", "write provider:model"),
    ],
)
def test_what_is_no_choice_is_told_with_what_to_write(text: str, message: str, hint: str):
    with pytest.raises(ConfigError) as raised:
        parse_choice(text)
    assert message in raised.value.message and hint in raised.value.hint


@given(st.text())
def test_any_text_is_a_choice_or_a_config_error(text: str):
    try:
        provider, name = parse_choice(text)
    except ConfigError:
        return
    assert provider in PROVIDERS and name


def test_the_key_is_never_shown():
    choice = ModelChoice("openai", "gpt", key="sk-secret")
    assert "sk-secret" not in repr(choice) + str(choice)
    assert str(choice) == "openai:gpt"


def test_every_provider_says_where_its_key_is():
    assert set(KEYS) == set(PROVIDERS)
