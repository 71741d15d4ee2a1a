"""The guard: the one way to a model.

Every request passes it: the meter says whether it may be sent, the redactor hides what must not leave, the
transcript keeps what was sent and received, and the real names are put back into the answer. On a replay the
transcript answers instead of a model.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import orjson
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
    TextPart,
    ToolCallPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from andon.errors import ModelError
from andon.llm.hiding import Hiding, Unhidden
from andon.llm.meter import Meter, Spent
from andon.llm.spans.names import chat_span
from andon.llm.transcript import Exchange, Transcript, digest

os.environ.setdefault("PYDANTIC_AI_NO_BANNER", "1")
"""What a library has to say of itself does not belong on the terminal of whoever is on call."""

__all__ = ["Access", "Guarded", "Recorded", "Silent"]


def _no_price(_usage: RequestUsage) -> float | None:
    return None


def _not_explained(_error: BaseException) -> ModelError | None:
    return None


@dataclass
class Access:
    """A model, and all that its requests pass: shared by every conversation of a run.

    `price` gives dollars for a request's usage, None where no price is known; `explain` makes an error of a client
    library one of ours. `recorded` answers in place of the model on a replay.
    `label` is what the model is called in a report.
    """

    model: Model
    meter: Meter = field(default_factory=Meter)
    redactor: Hiding = field(default_factory=Unhidden)
    transcript: Transcript = field(default_factory=Transcript)
    recorded: Recorded | None = None
    price: Callable[[RequestUsage], float | None] = _no_price
    explain: Callable[[BaseException], ModelError | None] = _not_explained
    label: str = ""

    @property
    def name(self) -> str:
        """What the model is called in a report."""
        return self.label or self.model.model_name

    def lane(self, name: str) -> Guarded:
        """The way to the model for one conversation."""
        return Guarded(self, name)


class Guarded(WrapperModel):
    """A model whose every request is metered, hidden, kept and shown again.

    Raises Spent where the allowance is used up, ModelError where the model fails.
    """

    def __init__(self, access: Access, lane: str) -> None:
        super().__init__(access.model)
        self._access = access
        self._lane = lane
        self._hidden: dict[str, Any] = {}

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        access = self._access
        plain = ModelMessagesTypeAdapter.dump_python(messages, mode="json")
        hidden = [_spoken(message, self._hide) for message in plain]
        sent = ModelMessagesTypeAdapter.validate_python(hidden)
        fresh = Exchange(
            lane=self._lane,
            number=access.transcript.next_number(self._lane),
            sha256=digest(hidden),
            messages=hidden[access.transcript.already_sent(self._lane) :],
            tools=tuple(tool.name for tool in model_request_parameters.function_tools),
            response=None,
        )
        if access.recorded is not None:
            return self._replayed(access.recorded.next(self._lane, fresh.sha256), fresh, len(hidden))
        offered = _offered(model_request_parameters, self._hide)
        began = time.monotonic()
        try:
            with chat_span(self.wrapped, self._lane, model_settings, fresh.messages) as answered:
                response = await self._sent(sent, model_settings, offered)
                answered(response)
        except (Exception, asyncio.CancelledError) as error:
            told = self._failed(error, replace(fresh, seconds=time.monotonic() - began), len(hidden))
            if isinstance(error, asyncio.CancelledError):
                raise
            raise told from error
        return self._answered(response, replace(fresh, seconds=time.monotonic() - began), len(hidden))

    def _hide(self, value: Any) -> Any:
        """What is sent for a value: hidden once, though each request sends all that was said before once more."""
        known = repr(value)
        if known not in self._hidden:
            self._hidden[known] = self._access.redactor.hide_value(value)
        return self._hidden[known]

    async def _sent(
        self, messages: list[ModelMessage], settings: ModelSettings | None, offered: ModelRequestParameters
    ) -> ModelResponse:
        """The model's answer. Raises Spent where the allowance does not let it be asked, or runs out meanwhile."""
        meter = self._access.meter
        meter.before_request()
        try:
            async with asyncio.timeout(meter.left) as limit:
                return await self.wrapped.request(messages, settings, offered)
        except TimeoutError as error:
            if limit.expired():
                raise Spent(f"{meter.allowance.seconds:g} seconds") from error
            raise

    @asynccontextmanager
    async def request_stream(self, *_args: Any, **_more: Any) -> AsyncGenerator[Any]:
        """Refused: what streams past would be neither hidden nor kept."""
        raise ModelError("answers are not streamed")
        yield

    async def count_tokens(self, *_args: Any, **_more: Any) -> RequestUsage:
        """Refused, as all that follows: it would send something past the meter and the redactor."""
        raise ModelError("tokens are not counted by sending them")

    async def compact_messages(self, *_args: Any, **_more: Any) -> ModelResponse:
        raise ModelError("conversations are not sent to be made shorter")

    async def batch_encode(self, *_args: Any, **_more: Any) -> NoReturn:
        raise ModelError(_NO_BATCHES)

    batch_create = batch_status = batch_results = batch_cancel = batch_encode

    async def cancel_suspended_response(self, _response: ModelResponse) -> None:
        """Sends nothing: no answer is asked for that would come later."""

    def _model_for_response(self, _response: ModelResponse) -> Model:
        return self

    def _replayed(self, then: Exchange, fresh: Exchange, sent: int) -> ModelResponse:
        """What came of the same request when it was recorded."""
        fresh = replace(fresh, seconds=then.seconds, dollars=then.dollars)
        if then.kind == "spent":
            raise self._failed(Spent(then.error), fresh, sent)
        if then.response is None:
            raise self._failed(ModelError(then.error, hint=then.hint), fresh, sent)
        (response,) = ModelMessagesTypeAdapter.validate_python([dict(then.response)])
        assert isinstance(response, ModelResponse)
        return self._answered(response, fresh, sent)

    def _failed(self, error: BaseException, fresh: Exchange, sent: int) -> Exception:
        if isinstance(error, asyncio.CancelledError):
            error = ModelError("no whole answer came in time, or the run was interrupted")
        known = error if isinstance(error, Spent | ModelError) else self._access.explain(error)
        told = known or ModelError(f"the model failed: {type(error).__name__}: {error}"[:400])
        kept = replace(
            fresh,
            kind="spent" if isinstance(told, Spent) else "failed",
            error=str(told),
            hint=getattr(told, "hint", ""),
        )
        self._access.transcript.add(kept, sent)
        return told

    def _answered(self, response: ModelResponse, fresh: Exchange, sent: int) -> ModelResponse:
        access, usage = self._access, response.usage
        dollars = access.price(usage) if access.recorded is None else fresh.dollars
        access.meter.after_request(usage.input_tokens, usage.output_tokens, dollars)
        response, packed = _whole(response)
        kept = replace(
            fresh,
            response=packed,
            tokens_in=usage.input_tokens,
            tokens_out=usage.output_tokens,
            dollars=dollars,
        )
        access.transcript.add(kept, sent)
        return replace(response, parts=[_shown(part, access.redactor) for part in response.parts])


def _whole(response: ModelResponse) -> tuple[ModelResponse, Mapping[str, Any]]:
    """An answer without half characters, which no journal can keep, and the same as plain values."""
    (packed,) = ModelMessagesTypeAdapter.dump_python([response], mode="json")
    text = json.dumps(packed, ensure_ascii=False)
    if text.isprintable() or not any("\ud800" <= letter <= "\udfff" for letter in text):
        return response, packed
    whole = json.loads(text.encode("utf-8", "replace"))
    (read,) = ModelMessagesTypeAdapter.validate_python([whole])
    assert isinstance(read, ModelResponse)
    return read, whole


_NO_BATCHES = "requests are not sent in batches"


def _spoken(message: Mapping[str, Any], hide: Callable[[Any], Any]) -> dict[str, Any]:
    """The message with everything that was said in it hidden; ids and kinds stay what they are."""
    found = dict(message)
    if found.get("instructions"):
        found["instructions"] = hide(found["instructions"])
    found["parts"] = [
        {key: hide(value) if key in ("content", "args") and value else value for key, value in part.items()}
        if part.get("part_kind") != "thinking"
        else part
        for part in found["parts"]
    ]
    return found


def _offered(parameters: ModelRequestParameters, hide: Callable[[Any], Any]) -> ModelRequestParameters:
    """What goes beside the messages, hidden too: instructions, and what tools (others may lend them) say of themselves."""
    tools = [
        replace(
            tool,
            description=hide(tool.description),
            parameters_json_schema=hide(tool.parameters_json_schema),
        )
        for tool in parameters.function_tools
    ]
    spoken = [replace(part, content=hide(part.content)) for part in parameters.instruction_parts or ()]
    return replace(parameters, function_tools=tools, instruction_parts=spoken or parameters.instruction_parts)


def _shown(part: Any, redactor: Hiding) -> Any:
    """The part with real names in what it says or asks for."""
    if isinstance(part, TextPart):
        return replace(part, content=redactor.show_value(part.content))
    if isinstance(part, ToolCallPart) and part.args:
        return replace(part, args=redactor.show_value(_arguments(part.args)))
    return part


def _arguments(args: Any) -> Any:
    """Arguments as values, so that what is put back cannot break their JSON; text that is no JSON stays text."""
    if not isinstance(args, str):
        return args
    try:
        read = orjson.loads(args)
    except orjson.JSONDecodeError:
        return args
    return read if isinstance(read, dict) else args


class Recorded:
    """What a model answered before, conversation by conversation.

    `differs` says what a replay sent otherwise than the recording: then the program has changed in between.
    """

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._lanes: dict[str, deque[Exchange]] = defaultdict(deque)
        for exchange in exchanges:
            self._lanes[exchange.lane].append(exchange)
        self.differs: list[str] = []

    def next(self, lane: str, sha256: str) -> Exchange:
        """The next exchange of a conversation. Raises ModelError where it holds no more."""
        if not self._lanes[lane]:
            raise ModelError(
                f"the recording holds no further answer for {lane}", hint="the program has changed since"
            )
        then = self._lanes[lane].popleft()
        if then.sha256 != sha256:
            self.differs.append(f"{lane}, request {then.number}")
        return then


class Silent(Model):
    """Stands for the model of a recording: has its name, and answers nothing itself."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    @property
    def model_name(self) -> str:
        return self._name

    @property
    def system(self) -> str:
        return "recorded"

    async def request(
        self,
        _messages: list[ModelMessage],
        _model_settings: ModelSettings | None,
        _model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        raise ModelError("a recording is asked as if it were a model")
