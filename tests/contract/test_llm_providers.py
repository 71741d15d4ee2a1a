"""A real agent, the providers' real client libraries and our network against imitations of the four APIs.

The same script is played by each, in its own wire format.
"""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from andon.errors import ModelError
from andon.llm.choice import ModelChoice
from andon.llm.failures import as_model_error
from andon.llm.prices import Prices, cost
from andon.llm.providers import open_model
from andon.testing.imitation import Fault, Imitation, Told, json_told
from andon.testing.imitations.llm_anthropic import AnthropicApi
from andon.testing.imitations.llm_bedrock import BedrockApi
from andon.testing.imitations.llm_google import GeminiApi
from andon.testing.imitations.llm_openai import OpenAiApi
from andon.testing.imitations.llm_server import Call, ModelServer, Raw, Trouble, Turn

pytest.importorskip("pydantic_ai", reason="the extra llm is not installed")
from pydantic_ai import Agent, RunContext

KEY = "sk-very-secret-0123456789"


class Verdict(BaseModel):
    """Why it happened."""

    component: str
    confidence: float


@dataclass(frozen=True)
class Provider:
    name: str
    model: str
    api: Callable[..., ModelServer]
    path: str = ""

    def serve(self, *script: Turn | Raw | Trouble, **options: Any) -> ModelServer:
        return self.api(script, **({"key": KEY, "models": [self.model]} | options))

    def choice(self, server: Imitation, **options: Any) -> ModelChoice:
        stated = {"url": server.url + self.path, "key": KEY, "timeout": 20.0, "region": "eu-west-1"}
        return ModelChoice(self.name, self.model, **(stated | options))


ANTHROPIC = Provider("anthropic", "claude-sonnet-4-6", AnthropicApi)
OPENAI = Provider("openai", "qwen3-32b", OpenAiApi, "/v1")
BEDROCK = Provider("bedrock", "eu.anthropic.claude-sonnet-4-6", BedrockApi)
GOOGLE = Provider("google", "gemini-3.8-flash", GeminiApi)
PROVIDERS = [ANTHROPIC, OPENAI, BEDROCK, GOOGLE]

LOOK = Turn(
    "I look at both.",
    (Call("metrics", {"service": "cart"}, "a1"), Call("logs", {"service": "cart", "lines": 5}, "a2")),
    input=1000,
    output=40,
)
LOOK_AGAIN = Turn(calls=(Call("metrics", {"service": "db"}, "b1"),), input=1200, output=20, cached=1000)
CONCLUDE = Turn(
    calls=(Call("final_result", {"component": "db", "confidence": 0.8}, "c1"),), input=1400, output=30
)
EXCHANGE = (LOOK, LOOK_AGAIN, CONCLUDE)


def agent_of(choice: ModelChoice, **settings: Any) -> Agent[list[str], Verdict]:
    agent = Agent(
        open_model(choice),
        deps_type=list[str],
        output_type=Verdict,
        instructions="Find the cause.",
        model_settings={"max_tokens": 1000} | settings,  # type: ignore[arg-type]
    )

    @agent.tool
    def metrics(ctx: RunContext[list[str]], service: str) -> str:
        """Reads metrics."""
        ctx.deps.append(f"metrics {service}")
        return f"latency of {service}: 2 s"

    @agent.tool
    def logs(ctx: RunContext[list[str]], service: str, lines: int = 10) -> dict[str, Any]:
        """Reads logs."""
        ctx.deps.append(f"logs {service} {lines}")
        return {"lines": ["connection refused"] * lines}

    return agent


def run(choice: ModelChoice, **settings: Any) -> Any:
    return asyncio.run(agent_of(choice, **settings).run("Why is the cart slow?", deps=[]))


def failure(choice: ModelChoice, *, streamed: bool = False) -> ModelError:
    """The ModelError that an exchange ends with."""

    async def stream() -> None:
        async with agent_of(choice).run_stream("Why is the cart slow?", deps=[]) as result:
            async for _ in result.stream_output(debounce_by=None):
                pass

    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever the libraries raise
        asyncio.run(stream()) if streamed else run(choice)
    error = as_model_error(raised.value, choice)
    assert isinstance(error, ModelError), raised.value
    assert KEY not in "".join([str(error), error.hint, repr(error), str(raised.value), repr(raised.value)])
    return error


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("andon.llm.providers.retries._FIRST_WAIT", 0.01)
    for name in (
        "ANDON_OFFLINE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=PROVIDERS, ids=lambda provider: provider.name)
def provider(request: pytest.FixtureRequest) -> Provider:
    found: Provider = request.param
    return found


def test_three_turns_with_parallel_calls_and_a_structured_end(provider: Provider):
    with provider.serve(*EXCHANGE) as server:
        seen: list[str] = []
        result = asyncio.run(agent_of(provider.choice(server)).run("Why is the cart slow?", deps=seen))
    assert result.output == Verdict(component="db", confidence=0.8)
    assert sorted(seen) == ["logs cart 5", "metrics cart", "metrics db"]
    assert server.refused == []
    assert len(server.asked) == 3
    usage = result.usage
    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens) == (3600, 90, 1000)
    assert cost(usage, Prices(input=1.0, output=10.0, cached=0.1)) == pytest.approx(
        (2600 * 1.0 + 1000 * 0.1 + 90 * 10.0) / 1e6
    )


def test_the_same_exchange_streamed(provider: Provider):
    async def stream(choice: ModelChoice) -> Any:
        async with agent_of(choice).run_stream("Why is the cart slow?", deps=[]) as result:
            return await result.get_output()

    with provider.serve(*EXCHANGE) as server:
        assert asyncio.run(stream(provider.choice(server))) == Verdict(component="db", confidence=0.8)
    assert server.refused == []


def test_one_model_serves_several_event_loops(provider: Provider):
    with provider.serve(CONCLUDE) as server:
        agent = agent_of(provider.choice(server))
        for _ in range(2):
            assert asyncio.run(agent.run("Why?", deps=[])).output.component == "db"


def test_without_a_limit_of_tokens_the_request_is_accepted_too(provider: Provider):
    with provider.serve(CONCLUDE) as server:
        agent = Agent(open_model(provider.choice(server)), output_type=Verdict)
        assert asyncio.run(agent.run("Why?")).output.component == "db"
    assert server.refused == []


def test_a_temperature_reaches_the_api(provider: Provider):
    with provider.serve(CONCLUDE) as server:
        run(provider.choice(server, temperature=0.3))
    assert server.refused == []
    assert b'"temperature":0.3' in server.asked[0].body.replace(b" ", b"")


def test_nothing_but_what_the_api_needs_is_told_about_this_machine(provider: Provider):
    with provider.serve(CONCLUDE) as server:
        run(provider.choice(server))
    told = json.dumps(dict(server.asked[0].headers)).lower()
    assert not [
        word for word in ("stainless", "linux", "cpython", "pydantic", "boto", "gl-python") if word in told
    ]


TOLD = [
    (Trouble.KEY, "refuses the key", "key"),
    (Trouble.MODEL, "does not know this model", "check the name"),
    (Trouble.QUOTA, "quota is used up", "billing"),
    (Trouble.TOO_LONG, "longer than the model can read", "shorter time"),
    (Trouble.FILTERED, "declined to answer", "--no-model"),
    (Trouble.MALFORMED, "no answer that can be read", "model"),
]


@pytest.mark.parametrize(("trouble", "message", "hint"), TOLD, ids=[one[0].name for one in TOLD])
def test_what_no_waiting_helps_is_told_at_once(provider: Provider, trouble: Trouble, message: str, hint: str):
    with provider.serve(trouble) as server:
        error = failure(provider.choice(server))
    assert message in error.message and hint in error.hint
    assert len(server.asked) == 1


def test_a_rate_limit_is_waited_out(provider: Provider):
    with provider.serve(Trouble.BUSY, Trouble.BUSY, *EXCHANGE, retry_after="0") as server:
        assert run(provider.choice(server)).output.component == "db"
    assert len(server.asked) == 5


def test_a_rate_limit_that_asks_for_more_than_the_time_is_told(provider: Provider):
    with provider.serve(Trouble.BUSY, retry_after="60") as server:
        error = failure(provider.choice(server))
    assert "too many requests (429); it asks to wait 60 s" in error.message
    assert len(server.asked) == 1


def test_an_overloaded_model_is_asked_again(provider: Provider):
    with provider.serve(Trouble.OVERLOADED, Trouble.BROKEN, CONCLUDE) as server:
        assert run(provider.choice(server)).output.component == "db"


@pytest.mark.parametrize(
    ("trouble", "message"), [(Trouble.OVERLOADED, "overloaded or down"), (Trouble.BROKEN, "server error")]
)
def test_after_some_attempts_it_is_given_up(provider: Provider, trouble: Trouble, message: str):
    with provider.serve(trouble) as server:
        error = failure(provider.choice(server))
    assert message in error.message and "try again later" in error.hint
    assert len(server.asked) == 6


def test_a_limit_of_output_tokens_is_told(provider: Provider):
    with provider.serve(Turn("", stop="length")) as server:
        error = failure(provider.choice(server))
    assert "cut off at the limit of output tokens" in error.message


def test_a_whole_answer_that_breaks_off_is_asked_for_again(provider: Provider):
    with provider.serve(Trouble.CUT, CONCLUDE) as server:
        assert run(provider.choice(server)).output.component == "db"


def test_a_stream_that_breaks_off_is_told(provider: Provider):
    with provider.serve(Trouble.CUT) as server:
        error = failure(provider.choice(server), streamed=True)
    assert "the connection broke" in error.message or "no answer that can be read" in error.message


def test_a_stream_with_something_strange_in_its_middle_is_told(provider: Provider):
    with provider.serve(Trouble.MALFORMED) as server:
        error = failure(provider.choice(server), streamed=True)
    assert "no answer that can be read" in error.message


def test_an_address_where_nobody_answers_is_told(provider: Provider):
    with provider.serve(CONCLUDE, fault=Fault.REFUSED) as server:
        error = failure(provider.choice(server))
    assert "cannot be reached" in error.message and "model.url" in error.hint


def test_a_certificate_that_nobody_signed_is_not_accepted(provider: Provider):
    with provider.serve(CONCLUDE, fault=Fault.UNTRUSTED) as server:
        error = failure(provider.choice(server))
    assert "cannot be reached" in error.message and "certificates" in error.hint
    assert server.asked == []


def test_a_proxy_that_the_environment_names_is_used(provider: Provider, monkeypatch: pytest.MonkeyPatch):
    with provider.serve(CONCLUDE) as server:
        monkeypatch.setenv("http_proxy", server.url)
        choice = provider.choice(server, url="http://inference.example.com" + provider.path)
        assert run(choice).output.component == "db"
    assert server.asked[0].headers["host"] == "inference.example.com"


def test_a_server_that_stalls_is_told_as_late(provider: Provider):
    with provider.serve(CONCLUDE, fault=Fault.STALLED) as server:
        error = failure(provider.choice(server, timeout=0.3))
    assert "no whole answer within 0.3 s" in error.message and "model.timeout" in error.hint


@pytest.mark.parametrize(
    "fault", [Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.NOT_JSON, Fault.WRONG_JSON, Fault.EMPTY, Fault.HUGE]
)
def test_no_answer_of_a_server_reveals_the_key_or_ends_in_an_error_of_ours(provider: Provider, fault: Fault):
    with provider.serve(CONCLUDE, fault=fault) as server:
        failure(provider.choice(server))


def test_a_redirect_is_not_followed(provider: Provider):
    with provider.serve(CONCLUDE) as other, provider.serve(Trouble.ELSEWHERE, elsewhere=other.url) as server:
        error = failure(provider.choice(server))
    assert other.asked == []
    assert "elsewhere" in error.message and "redirects are not followed" in error.hint


def test_the_key_is_in_no_log(provider: Provider, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with provider.serve(Trouble.BROKEN, *EXCHANGE) as server:
        choice = provider.choice(server)
        run(choice)
    assert caplog.text
    assert KEY not in caplog.text
    assert KEY not in repr(choice) and KEY not in repr(open_model(choice))


def test_a_key_that_is_refused_by_the_api_is_told(provider: Provider):
    with provider.serve(CONCLUDE) as server:
        error = failure(provider.choice(server, key="sk-another"))
    assert "refuses the key" in error.message
    assert "sk-another" not in error.message


def test_the_imitation_sees_requests_that_break_a_rule(provider: Provider):
    """Else the exchanges above would prove little."""
    with provider.serve(CONCLUDE) as server:
        broken = Agent(open_model(provider.choice(server)), output_type=Verdict)

        @broken.tool_plain(name="two words")
        def two_words() -> str:
            """A name that no API takes."""
            return ""

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(Exception, match="400") as raised:
                asyncio.run(broken.run("Why?"))
        error = as_model_error(raised.value, provider.choice(server))
    assert error is not None and "does not accept the request" in error.message
    assert len(server.refused) == 1 and "two words" in server.refused[0]


class Watching(Imitation):
    """Notes what it is asked and refuses."""

    def answer(self, asked: Any) -> Told:
        return json_told({"error": {"message": "no"}}, 400)


@pytest.mark.parametrize(
    ("provider", "names"),
    [
        (ANTHROPIC, ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")),
        (OPENAI, ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY")),
        (GOOGLE, ("GOOGLE_API_KEY", "GEMINI_API_KEY")),
        (BEDROCK, ("AWS_BEARER_TOKEN_BEDROCK",)),
    ],
    ids=lambda one: getattr(one, "name", None),
)
def test_keys_of_the_environment_go_to_no_other_address(
    provider: Provider, names: Sequence[str], monkeypatch: pytest.MonkeyPatch
):
    for name in names:
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"x-secret: {KEY}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "aws-secret")
    with Watching() as server:
        failure(provider.choice(server, key=""))
        assert server.asked
        assert not [asked for asked in server.asked if KEY in str(asked)]


def test_compatible_servers_are_asked_without_a_key():
    with OPENAI.serve(*EXCHANGE, key="") as server:
        assert run(OPENAI.choice(server, key="")).output.component == "db"
    assert "authorization" not in server.asked[0].headers


def test_bedrock_signs_with_what_boto3_finds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "aws-secret")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://192.0.2.1:9")
    with BEDROCK.serve(*EXCHANGE, key="", secret="aws-secret") as server:
        assert run(BEDROCK.choice(server, key="")).output.component == "db"
    with BEDROCK.serve(CONCLUDE, key="", secret="another") as server:
        assert "refuses the key" in failure(BEDROCK.choice(server, key="")).message
