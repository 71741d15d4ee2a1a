"""What went wrong with a model, in words for the person who must act.

pydantic-ai sorts the errors of the client libraries into categories; here each gets a sentence and a hint. What the
provider said is quoted, clipped, and never with the key; of a refused key nothing is quoted, for providers repeat
parts of it.
"""

from __future__ import annotations

import os
from typing import Any

from andon.errors import ModelError
from andon.llm.choice import KEYS, ModelChoice, hide

__all__ = ["OFFLINE_HINT", "as_model_error"]

OFFLINE_HINT = "unset ANDON_OFFLINE, use the provider `local`, or pass --no-model"
_CLIENTS = ("pydantic_ai.", "anthropic.", "openai.", "google.genai.", "botocore.")
_PASSED = ("pydantic.", "json.")
_QUOTED = 300
"""Characters of the provider's own words."""
_ANOTHER = "is model.url the address of the API, and not of a page or a proxy?"
_SMALLER = "ask about fewer components or a shorter time, or choose a model with a larger context"


def as_model_error(error: BaseException, choice: ModelChoice) -> ModelError | None:
    """The ModelError for what a client library or pydantic-ai raised, None for what is not the model's doing.

    Raise it `from None`: the original may quote an answer. Budgets that were used up are not failures of a model.
    """
    for one in _causes(error):
        if isinstance(one, ModelError):
            return one
        if (told := _told(one, choice)) is not None:
            message, hint = told
            return ModelError(f"{choice}: {_hidden(message, choice)}", hint=hint)
    return None


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it came from; what our own network says first, for it says most."""
    from andon.llm.providers.address import Refused, Unreadable

    chain: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or any(one is other for other in chain):
            continue
        chain.append(one)
        waiting += [*(one.exceptions if isinstance(one, BaseExceptionGroup) else ()), one.__cause__]
    return sorted(chain, key=lambda one: not isinstance(one, ModelError | Refused | Unreadable))


def _told(error: BaseException, choice: ModelChoice) -> tuple[str, str] | None:
    import httpx2
    from pydantic_ai import exceptions as failed

    from andon.llm.providers.address import Refused, Unreadable, offline

    match error:
        case Refused():
            final = "state the final address as model.url; redirects are not followed"
            return str(error), OFFLINE_HINT if offline() else final
        case Unreadable():
            return f"gave no answer that can be read: {error}", _ANOTHER
        case failed.ModelAPIError():
            return _api(error, choice)
        case failed.ContentFilterError():
            return "declined to answer (content filter)", "another model may answer; --no-model needs none"
        case failed.UsageLimitExceeded():
            return None
        case failed.UnexpectedModelBehavior():
            return _unusable(error)
        case httpx2.TimeoutException():
            return _late(choice)
        case httpx2.HTTPError():
            return _unreached(error, choice)
        case _ if _of_boto(error):
            return f"{error}", "boto3 finds credentials in model.profile, AWS_PROFILE, or an attached role"
        case Exception() if not isinstance(error, RuntimeError) and _of_client(error):
            return f"gave no answer that can be read ({type(error).__name__})", _ANOTHER
    return None


def _api(error: Any, choice: ModelChoice) -> tuple[str, str]:
    """What an error of the API means; pydantic-ai's categories overlap, so the narrow ones come first."""
    from pydantic_ai import exceptions as failed

    said = _said(error)
    match error:
        case failed.ModelContextWindowExceededError():
            return f"the prompt is longer than the model can read{said}", _SMALLER
        case failed.ModelAuthenticationError():
            return _denied(error, choice)
        case failed.ModelNotFoundError():
            return f"does not know this model, or the path in the address{said}", _known(error, choice)
        case failed.ModelQuotaExceededError():
            return f"the account's quota is used up{said}", "look at the provider's billing page"
        case failed.ModelRateLimitError():
            after = f"; it asks to wait {error.retry_after:g} s" if error.retry_after else ""
            return f"has too many requests (429){after}{said}", "wait, or raise the account's rate limit"
        case failed.ModelUnavailableError():
            return f"is overloaded or down{said}", "try again later, or choose another model"
        case failed.ModelServerError():
            return f"failed with a server error{said}", "try again later, or choose another model"
        case failed.ModelTimeoutError() | failed.ModelRequestTimeout():
            return _late(choice)
        case failed.ModelConnectionError():
            return _unreached(error, choice)
        case failed.ModelRequestRejectedError():
            return f"does not accept the request{said}", "is the model made for tool calls? try another one"
    return f"gave no answer that can be read{said}", _ANOTHER


def _denied(error: Any, choice: ModelChoice) -> tuple[str, str]:
    names = KEYS[choice.provider]
    code = getattr(error, "status_code", 401)
    refused = (
        "refuses the key" + (", or does not let it use this model" if code == 403 else "") + f" ({code})"
    )
    if choice.provider == "bedrock":
        allowed = "allow bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream on this model"
        return refused + _said(error), f"check the key or the AWS credentials, and {allowed}"
    where = "model.key" if choice.key or choice.url or not names else names[0]
    return refused, f"check {where}: is the key still valid, and may it use this model?"


def _known(error: Any, choice: ModelChoice) -> str:
    near = getattr(error, "suggested_model_id", None)
    meant = f"did you mean {near}? " if near else ""
    return meant + (
        "check the name, and model.url" if choice.url else "check the name on the provider's page"
    )


def _late(choice: ModelChoice) -> tuple[str, str]:
    return f"no whole answer within {choice.timeout:g} s", "raise model.timeout, or choose a faster model"


def _unreached(error: BaseException, choice: ModelChoice) -> tuple[str, str]:
    import httpx2

    if any(isinstance(one, httpx2.ConnectError | httpx2.ConnectTimeout) for one in _causes(error)):
        where = "model.url" if choice.url else "the network"
        return "cannot be reached", f"check {where}, proxies and certificates"
    return "the connection broke before the answer was whole", "try again; is a proxy in between?"


def _unusable(error: Any) -> tuple[str, str]:
    from pydantic_ai import exceptions as failed

    if isinstance(error, failed.IncompleteToolCall | failed.OutputTokenLimitExceeded):
        return (
            "its answer was cut off at the limit of output tokens",
            "choose a model that writes more at once",
        )
    if "exceeded max" in error.message.lower() or "maximum" in error.message.lower():
        return (
            "answered in a form that cannot be used, again and again",
            "choose a model that is made for tool calls",
        )
    return "gave no answer that can be read", "choose a model that is made for tool calls"


def _said(error: Any) -> str:
    """The provider's own words, in one line."""
    found = _message(getattr(error, "body", None)) or ("" if hasattr(error, "status_code") else error.message)
    words = " ".join(found.split())
    return f": {words[:_QUOTED]}{'…' if len(words) > _QUOTED else ''}" if words else ""


def _message(body: Any) -> str:
    """The message in an error of any provider: `error.message`, `Error.Message`, `message`."""
    if isinstance(body, dict):
        inner = body.get("error", body.get("Error"))
        if isinstance(inner, str):
            return inner
        found = inner if isinstance(inner, dict) else body
        return str(found.get("message") or found.get("Message") or "")
    return body if isinstance(body, str) else ""


def _hidden(text: str, choice: ModelChoice) -> str:
    return hide(text, choice.key, *(os.environ.get(name, "") for name in KEYS[choice.provider]))


def _of_boto(error: BaseException) -> bool:
    return any(kind.__module__ == "botocore.exceptions" for kind in type(error).__mro__)


def _of_client(error: Exception) -> bool:
    """Whether it was raised in the code that reads answers: for an answer of another shape than that code expects."""
    place, trace = "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        place = place if name.startswith(_PASSED) else name
        trace = trace.tb_next
    return place.startswith(_CLIENTS)
