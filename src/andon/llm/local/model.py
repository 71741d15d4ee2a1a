"""The local model as pydantic_ai knows models: any agent with tools and a structured output runs on it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Iterator, Mapping
from types import TracebackType
from typing import Any, ClassVar, Self

from pydantic_ai import RunContext
from pydantic_ai.exceptions import (
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelTimeoutError,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import FinishReason, ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models import CompletedStreamedResponse, Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from andon.llm.local.choice import Choice, choice_of
from andon.llm.local.dialogue import Piece, dialogue_of
from andon.llm.local.engine import Completion, Engine, Turn
from andon.llm.local.fitting import TooLong, fitted
from andon.llm.local.process import EngineFailed, EngineSlow

__all__ = ["LocalModel"]

ANSWER_TOKENS = 768
MORE = 3
"""An answer that was cut off is asked for once more with so many times the tokens."""
SECONDS = 300.0
"""For a request, from its turn on, unless its settings state a `timeout`."""
SEED = 7
SHARE_OF_ANSWER = 2
"""An answer takes at most one half of the context, whatever is asked for."""
_PASSED_ON = ("top_p", "top_k", "presence_penalty", "frequency_penalty")


class LocalModel(Model):
    """Weights that run in a child process of ours; see `andon.llm.local.open_local`.

    Settings that count: `max_tokens`, `temperature` (0 unless stated), `seed` (so runs repeat), `top_p`, `top_k`, the
    two penalties, `tool_choice` and `timeout` in seconds. One tool is called at a time; its arguments keep to its schema
    as far as a grammar can say it, and the agent validates them against the type itself. Raises ModelConnectionError when the
    engine failed, ModelTimeoutError when it was too slow, ModelContextWindowExceededError when the question
    itself is too long, UnexpectedModelBehavior when the answer is cut off twice or not what was asked for.
    """

    unsupported_settings: ClassVar[frozenset[Any]] = frozenset(
        {"extra_body", "extra_headers", "logit_bias", "max_retries", "service_tier", "stop_sequences"}
    )
    _unsupported_file_inputs = frozenset({"image", "document", "audio", "video"})

    def __init__(
        self, engine: Engine, *, name: str, seconds: float = SECONDS, settings: ModelSettings | None = None
    ) -> None:
        profile = ModelProfile(
            supports_json_schema_output=True,
            supports_json_object_output=True,
            context_window=engine.context,
        )
        super().__init__(settings=settings, profile=profile)
        self.engine = engine
        self._name = name
        self._seconds = seconds

    @property
    def model_name(self) -> str:
        """What stands after `local:`, or the name of the file of weights."""
        return self._name

    @property
    def system(self) -> str:
        """`local`: nothing leaves this machine."""
        return "local"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """One answer: a tool call, an output or text."""
        stated, parameters = self.prepare_request(model_settings, model_request_parameters)
        settings = stated or ModelSettings()
        choice = choice_of(messages, settings, parameters)
        schema = choice.schema()
        pieces = dialogue_of(messages, parameters, choice)
        with self._failures():
            async with self.engine.turn(_seconds(settings, self._seconds)) as turn:
                tries = await self._tries(turn, pieces, schema, settings)
        return self._response(choice, tries)

    @contextlib.asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,  # noqa: ARG002
    ) -> AsyncGenerator[StreamedResponse]:
        """The same answer as a stream of one chunk: half a JSON object says nothing."""
        response = await self.request(messages, model_settings, model_request_parameters)
        _, parameters = self.prepare_request(model_settings, model_request_parameters)
        yield CompletedStreamedResponse(response, model_request_parameters=parameters, replay_events=True)

    def close(self) -> None:
        """Ends the engine's process; a later request starts another."""
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _tries(
        self, turn: Turn, pieces: list[Piece], schema: dict[str, Any] | None, settings: ModelSettings
    ) -> list[Completion]:
        """One completion, or two when the first was cut off and there is room for more."""
        most = min(settings.get("max_tokens") or ANSWER_TOKENS, turn.context // SHARE_OF_ANSWER)
        prompt = await fitted(turn, pieces, turn.context - most)
        sampling = _sampling(settings)
        tries = [await turn.complete(prompt, most=most, sampling=sampling, schema=schema)]
        more = min(MORE * most, turn.context - len(prompt))
        if not tries[0].finished and schema is not None and more > most:
            tries.append(await turn.complete(prompt, most=more, sampling=sampling, schema=schema))
        return tries

    def _response(self, choice: Choice, tries: list[Completion]) -> ModelResponse:
        answer = tries[-1]
        try:
            part = choice.part(answer.text)
        except ValueError as error:
            why = "is not what was asked for" if answer.finished else "was cut off, twice"
            raise UnexpectedModelBehavior(f"the answer of the local model {why}", answer.text) from error
        ended: FinishReason = "stop" if answer.finished else "length"
        return ModelResponse(
            parts=[part],
            usage=RequestUsage(
                input_tokens=sum(each.input_tokens for each in tries),
                output_tokens=sum(each.output_tokens for each in tries),
            ),
            model_name=self.model_name,
            provider_name=self.system,
            finish_reason="tool_call" if isinstance(part, ToolCallPart) else ended,
        )

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """The engine's failures as the errors that callers of pydantic_ai expect of any model."""
        try:
            yield
        except EngineFailed as error:
            kind = {TooLong: ModelContextWindowExceededError, EngineSlow: ModelTimeoutError}
            said = f"{error.message}: {error.hint}" if error.hint else error.message
            raise kind.get(type(error), ModelConnectionError)(self.model_name, said) from error


def _sampling(settings: ModelSettings) -> dict[str, Any]:
    stated: Mapping[str, Any] = settings
    return {
        "temperature": stated.get("temperature", 0.0),
        "seed": stated.get("seed", SEED),
        **{name: stated[name] for name in _PASSED_ON if name in stated},
    }


def _seconds(settings: ModelSettings, otherwise: float) -> float:
    """`timeout` where it is a number; the kinds that tell reading from writing are made for networks."""
    stated = settings.get("timeout")
    return float(stated) if isinstance(stated, int | float) else otherwise
