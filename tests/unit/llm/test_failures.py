from __future__ import annotations

import httpx2
import pytest

from andon.errors import ConfigError, ModelError
from andon.llm.choice import ModelChoice
from andon.llm.failures import as_model_error
from andon.llm.providers.address import Refused, Unreadable

failed = pytest.importorskip("pydantic_ai.exceptions", reason="the extra llm is not installed")

KEY = "sk-secret-0123456789"
CHOICE = ModelChoice("openai", "gpt", key=KEY)


def told(error: BaseException, choice: ModelChoice = CHOICE) -> ModelError:
    found = as_model_error(error, choice)
    assert isinstance(found, ModelError)
    assert found.message.startswith(f"{choice}: ") and found.hint
    return found


def http(status: int, message: str = "", **options: object) -> Exception:
    from pydantic_ai._model_errors import http_status_category

    body = {"error": {"message": message}}
    made = failed.ModelHTTPError.for_category(
        http_status_category(status), status_code=status, model_name="gpt", body=body, **options
    )
    assert isinstance(made, Exception)
    return made


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (http(401), "refuses the key (401)", "model.key"),
        (http(403), "does not let it use this model (403)", "model.key"),
        (http(404, "no such model"), "does not know this model", "check the name"),
        (
            http(404, suggested_model_id="openai:gpt-6"),
            "does not know this model",
            "did you mean openai:gpt-6?",
        ),
        (http(402), "quota is used up", "billing"),
        (
            http(429, headers={"Retry-After": "9"}),
            "too many requests (429); it asks to wait 9 s",
            "rate limit",
        ),
        (http(500, "oops"), "server error: oops", "try again later"),
        (http(503), "overloaded or down", "try again later"),
        (http(529), "overloaded or down", "try again later"),
        (http(400, "bad tools"), "does not accept the request: bad tools", "tool calls"),
        (
            failed.ModelContextWindowExceededError("gpt", "too long"),
            "longer than the model can read",
            "shorter time",
        ),
        (failed.ModelRequestTimeout("gpt", 5), "no whole answer within 120 s", "model.timeout"),
        (failed.ModelTimeoutError("gpt", "late"), "no whole answer within 120 s", "model.timeout"),
        (failed.ModelConnectionError("gpt", "reset"), "connection broke", "try again"),
        (failed.ModelAPIError("gpt", "Failed to decode"), "no answer that can be read", "address of the API"),
        (failed.ContentFilterError("filtered"), "declined to answer", "--no-model"),
        (failed.IncompleteToolCall("cut"), "limit of output tokens", "writes more"),
        (failed.UnexpectedModelBehavior("Exceeded maximum retries (1)"), "again and again", "tool calls"),
        (failed.UnexpectedModelBehavior("Invalid response"), "no answer that can be read", "tool calls"),
        (httpx2.ReadTimeout("late"), "no whole answer within 120 s", "model.timeout"),
        (httpx2.ConnectError("refused"), "cannot be reached", "the network"),
        (httpx2.RemoteProtocolError("cut"), "connection broke", "try again"),
        (Refused("a request to http://x was refused"), "was refused", "model.url"),
        (Unreadable("it is not JSON"), "no answer that can be read: it is not JSON", "address of the API"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
def test_each_failure_has_its_words_and_a_hint(error: Exception, message: str, hint: str):
    found = told(error)
    assert message in found.message and hint in found.hint


def test_the_cause_says_more_than_what_the_library_made_of_it():
    wrapped = failed.ModelConnectionError("gpt", "Connection error.")
    wrapped.__cause__ = Refused("a request to http://x was refused")
    assert "was refused" in told(wrapped).message
    wrapped.__cause__ = httpx2.ConnectError("refused")
    assert "cannot be reached" in told(wrapped).message


def test_a_failure_in_a_group_is_found():
    assert "server error" in told(ExceptionGroup("both", [ValueError("ours"), http(500)])).message


def test_an_error_that_causes_itself_ends():
    error = ValueError("round")
    error.__cause__ = error
    assert as_model_error(error, CHOICE) is None


@pytest.mark.parametrize(
    "error",
    [
        ValueError("our bug"),
        KeyError("x"),
        ConfigError("config"),
        KeyboardInterrupt(),
        failed.UserError("our misuse"),
        failed.UsageLimitExceeded("budget"),
        RuntimeError("Model requests are not allowed, since ALLOW_MODEL_REQUESTS is False"),
    ],
)
def test_what_is_not_the_models_doing_is_left_alone(error: BaseException):
    assert as_model_error(error, CHOICE) is None


def test_a_model_error_of_ours_stays_as_it_is():
    error = ModelError("said")
    assert as_model_error(error, CHOICE) is error


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_the_key_is_never_quoted(status: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    found = told(http(status, f"you sent {KEY} and sk-of-the-environment"))
    assert KEY not in found.message and "sk-of-the-environment" not in found.message
    assert "[key]" in found.message


def test_of_a_refused_key_nothing_is_quoted():
    assert "sk-…789" not in told(http(401, "Incorrect API key provided: sk-…789")).message


def test_what_is_quoted_is_one_clipped_line():
    message = told(http(400, "a\n" + "b" * 1000)).message
    assert "\n" not in message and len(message) < 400


def test_hints_name_where_the_key_came_from():
    assert "ANTHROPIC_API_KEY" in told(http(401), ModelChoice("anthropic", "claude")).hint
    assert "bedrock:InvokeModel" in told(http(403), ModelChoice("bedrock", "claude")).hint


def test_offline_the_hint_says_what_is_allowed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANDON_OFFLINE", "1")
    assert "local" in told(Refused("ANDON_OFFLINE forbids requests")).hint


def test_credentials_that_boto3_does_not_find_are_told():
    missing = pytest.importorskip(
        "botocore.exceptions", reason="the extra llm is not installed"
    ).NoCredentialsError()
    found = told(missing, ModelChoice("bedrock", "claude"))
    assert "credentials" in found.message and "AWS_PROFILE" in found.hint
