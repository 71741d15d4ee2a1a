from __future__ import annotations

import asyncio
import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from pydantic_ai.messages import (
    BinaryContent,
    InstructionPart,
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    RetryFeedbackPart,
    RetryInfo,
    SystemPromptPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RequestUsage

from andon.errors import ModelError, StorageError
from andon.llm.guard import Access, Guarded, Recorded, Silent
from andon.llm.meter import Allowance, Meter, Spent
from andon.llm.redaction import Redactor
from andon.llm.transcript import Transcript

SECRET = "AKIAIOSFODNN7EXAMPLQ"
PERSON = "jane.roe@example.org"
NOTHING = ModelRequestParameters()


class Wire(Model):
    """A model that keeps what was sent to it, and answers with what it was given, or raises it."""

    def __init__(self, *answers: ModelResponse | BaseException, waits: float = 0.0) -> None:
        super().__init__()
        self.sent: list[Any] = []
        self.parameters: list[ModelRequestParameters] = []
        self._answers = list(answers)
        self._waits = waits

    @property
    def model_name(self) -> str:
        return "wire"

    @property
    def system(self) -> str:
        return "wire"

    async def request(
        self,
        messages: list[ModelMessage],
        _settings: ModelSettings | None,
        parameters: ModelRequestParameters,
    ) -> ModelResponse:
        self.sent.append(ModelMessagesTypeAdapter.dump_json(messages).decode())
        self.parameters.append(parameters)
        await asyncio.sleep(self._waits)
        answer = self._answers.pop(0) if self._answers else ModelResponse(parts=[TextPart("yes")])
        if isinstance(answer, BaseException):
            raise answer
        return answer


def access(wire: Model, **given: Any) -> Access:
    return Access(wire, **({"redactor": Redactor(b"k" * 16)} | given))


def ask(way: Guarded, *parts: Any, parameters: ModelRequestParameters = NOTHING) -> ModelResponse:
    messages: list[ModelMessage] = [ModelRequest(parts=list(parts) or [UserPromptPart("why?")])]
    return asyncio.run(way.request(messages, None, parameters))


def text_of(response: ModelResponse) -> str:
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))


@pytest.mark.parametrize(
    "part",
    [
        UserPromptPart(f"login {SECRET} of {PERSON}"),
        UserPromptPart([f"login {SECRET}", f"of {PERSON}"]),
        UserPromptPart(["a", BinaryContent(b"\x89PNG", media_type="image/png"), SECRET, PERSON]),
        SystemPromptPart(f"{SECRET} {PERSON}"),
        ToolReturnPart("logs", f"{SECRET} {PERSON}", "1"),
        ToolReturnPart("logs", {"rows": [{"text": SECRET}, {PERSON: 1}]}, "1"),
        ToolReturnPart("logs", [SECRET, (PERSON, 3, None)], "1"),
        ToolReturnPart("logs", f"not borne out: {SECRET} {PERSON}", "1", outcome="retried"),
        RetryFeedbackPart(f"not borne out: {SECRET} {PERSON}", retry=RetryInfo("model_retry")),
        RetryFeedbackPart(
            [{"type": "missing", "loc": ("a",), "msg": PERSON, "input": {"key": SECRET}}],
            retry=RetryInfo("validation_error"),
        ),
    ],
)
def test_no_secret_and_no_person_leaves_in_any_part(part: Any) -> None:
    wire = Wire()
    held = access(wire)
    ask(held.lane("a"), part)
    kept = str([one.packed() for one in held.transcript.exchanges])
    for written in (wire.sent[0], kept):
        assert SECRET not in written and PERSON not in written


def test_what_the_model_said_before_is_hidden_when_it_goes_out_again() -> None:
    wire = Wire()
    thinking = ThinkingPart("as it was", signature="sig", id="t1")
    said = ModelResponse(
        parts=[
            thinking,
            TextPart(PERSON),
            ToolCallPart("logs", {"text": PERSON}),
            ToolCallPart("logs", f'{{"text": "{PERSON}"}}'),
        ]
    )
    messages: list[ModelMessage] = [ModelRequest(parts=[UserPromptPart("why?")]), said]
    asyncio.run(access(wire).lane("a").request(messages, None, NOTHING))
    assert PERSON not in wire.sent[0] and "as it was" in wire.sent[0] and '"signature":"sig"' in wire.sent[0]


def test_instructions_and_what_tools_say_of_themselves_are_hidden_too() -> None:
    wire = Wire()
    schema = {
        "type": "object",
        "properties": {"q": {"type": "string", "description": PERSON, "default": SECRET}},
    }
    parameters = ModelRequestParameters(
        function_tools=[
            ToolDefinition(
                name="docs", parameters_json_schema=schema, description=f"ask {PERSON} with {SECRET}"
            )
        ],
        instruction_parts=[InstructionPart(f"call {PERSON}")],
    )
    messages: list[ModelMessage] = [
        ModelRequest(parts=[UserPromptPart("why?")], instructions=f"call {PERSON}")
    ]
    asyncio.run(access(wire).lane("a").request(messages, None, parameters))
    (sent,) = wire.parameters
    assert PERSON not in f"{sent} {wire.sent}" and SECRET not in f"{sent} {wire.sent}"
    (tool,) = sent.function_tools
    assert tool.name == "docs" and tool.parameters_json_schema["properties"]["q"]["type"] == "string"
    assert PERSON in str(parameters), "what was given stays as it was"


def test_what_was_hidden_once_is_sent_in_the_same_words_again() -> None:
    class Counting(Redactor):
        asked = 0

        def hide_value(self, value: Any) -> Any:
            self.asked += 1
            return super().hide_value(value)

    wire, redactor = Wire(), Counting(b"k" * 16)
    way = access(wire, redactor=redactor).lane("a")
    messages: list[ModelMessage] = [ModelRequest(parts=[UserPromptPart(f"mail of {PERSON}")])]
    for n in range(5):
        messages.append(asyncio.run(way.request(messages, None, NOTHING)))
        messages.append(ModelRequest(parts=[UserPromptPart(f"{n}")]))
    assert redactor.asked == 6, "five questions and one answer"
    assert all(sent.startswith(wire.sent[0][:60]) for sent in wire.sent) and PERSON not in str(wire.sent)


def test_real_names_are_put_back_into_what_the_model_says_and_asks_for() -> None:
    class Echo(Wire):
        async def request(self, messages: Any, settings: Any, parameters: Any) -> ModelResponse:
            (part,) = messages[0].parts
            name = part.content.removeprefix("mail of ")
            calls = [ToolCallPart("logs", {"text": [name]}), ToolCallPart("logs", f'{{"text":"{name}"}}')]
            return ModelResponse(
                parts=[TextPart(f"ask {name}"), *calls, ToolCallPart("logs", "{broken"), ToolCallPart("logs")]
            )

    text, one, two, broken, none = ask(access(Echo()).lane("a"), UserPromptPart(f"mail of {PERSON}")).parts
    assert isinstance(text, TextPart) and text.content == f"ask {PERSON}"
    assert all(isinstance(call, ToolCallPart) for call in (one, two, broken, none))
    assert one.args == {"text": [PERSON]} and two.args == {"text": PERSON}  # type: ignore[union-attr]
    assert broken.args == "{broken" and not none.args  # type: ignore[union-attr]


def test_nothing_is_sent_that_the_meter_does_not_allow() -> None:
    wire = Wire()
    held = access(wire, meter=Meter(Allowance(requests=1)))
    ask(held.lane("a"))
    with pytest.raises(Spent, match="1 requests"):
        ask(held.lane("b"))
    assert len(wire.sent) == 1
    assert [(one.lane, one.kind, one.error) for one in held.transcript.exchanges] == [
        ("a", "answered", ""),
        ("b", "spent", "1 requests to the model"),
    ]


def test_every_way_of_a_model_that_would_send_something_is_closed() -> None:
    wire = Wire()
    way = access(wire).lane("a")
    closed = {
        "request_stream",
        "count_tokens",
        "compact_messages",
        "batch_encode",
        "batch_create",
        "batch_status",
        "batch_results",
        "batch_cancel",
    }
    for name in closed:
        with pytest.raises(ModelError):
            asyncio.run(_called(way, name))
    response = ModelResponse(parts=[])
    assert asyncio.run(way.cancel_suspended_response(response)) is None  # type: ignore[func-returns-value]
    assert way._model_for_response(response) is way
    assert wire.sent == []
    known = closed | {"request", "cancel_suspended_response", "__aenter__", "__aexit__"}
    waiting = {
        name
        for name, method in inspect.getmembers(WrapperModel)
        if inspect.iscoroutinefunction(method)
        or inspect.isasyncgenfunction(inspect.unwrap(method) if callable(method) else method)
    }
    assert waiting <= known, "the library has a new way to send something"


async def _called(way: Guarded, name: str) -> Any:
    if name == "request_stream":
        async with way.request_stream([], None, NOTHING):
            return None
    arguments: Sequence[Any] = {"compact_messages": [None], "count_tokens": [[], None, NOTHING]}.get(
        name, [None]
    )
    return await getattr(way, name)(*arguments)


@pytest.mark.parametrize(
    ("error", "kind", "raised"),
    [
        (ModelError("no", hint="wait"), "failed", ModelError),
        (ValueError("odd " + "x" * 900), "failed", ModelError),
        (TimeoutError("of the client"), "failed", ModelError),
        (asyncio.CancelledError(), "failed", asyncio.CancelledError),
    ],
)
def test_a_request_that_comes_to_nothing_is_kept(
    error: BaseException, kind: str, raised: type[BaseException]
) -> None:
    held = access(Wire(error))
    with pytest.raises(raised):
        ask(held.lane("a"))
    (one,) = held.transcript.exchanges
    assert (one.kind, one.response) == (kind, None)
    assert one.error and len(one.error) <= 400
    assert held.meter.requests == 1


def test_an_error_of_a_client_is_explained() -> None:
    held = access(
        Wire(ValueError("401")), explain=lambda error: ModelError("the key is wrong", hint=str(error))
    )
    with pytest.raises(ModelError, match="the key is wrong"):
        ask(held.lane("a"))
    assert held.transcript.exchanges[0].hint == "401"


def test_who_answers_too_late_is_not_waited_for() -> None:
    held = access(Wire(waits=30), meter=Meter(Allowance(seconds=0.05)))
    with pytest.raises(Spent, match=r"0\.05 seconds"):
        ask(held.lane("a"))
    assert held.transcript.exchanges[0].kind == "spent"


def test_an_interrupted_request_is_kept() -> None:
    held = access(Wire(waits=30))

    async def interrupted() -> None:
        task = asyncio.create_task(
            held.lane("a").request([ModelRequest(parts=[UserPromptPart("why?")])], None, NOTHING)
        )
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())
    assert [(one.kind, one.error) for one in held.transcript.exchanges] == [
        ("failed", "no whole answer came in time, or the run was interrupted")
    ]


def test_a_transcript_that_cannot_be_kept_is_no_failure_of_the_model() -> None:
    def full(_exchange: Any) -> None:
        raise StorageError("the disk is full")

    held = access(Wire(), transcript=Transcript(full))
    with pytest.raises(StorageError, match="disk is full"):
        ask(held.lane("a"))


def test_half_characters_are_no_failure_of_ours() -> None:
    kept: list[Any] = []
    said = ModelResponse(parts=[TextPart("a\ud800b"), ToolCallPart("logs", {"text": "\udfff"})])
    held = access(Wire(said), transcript=Transcript(lambda exchange: kept.append(orjson.dumps(exchange))))
    way = held.lane("a")
    answer = ask(way)
    assert text_of(answer) == "a?b"
    asyncio.run(way.request([ModelRequest(parts=[UserPromptPart("why?")]), answer], None, NOTHING))
    assert len(kept) == 2
    again = recorded(held)
    assert text_of(ask(again.lane("a"))) == "a?b"


def test_two_lanes_at_once_are_kept_apart() -> None:
    held = access(Wire(waits=0.01))

    async def both() -> None:
        async def talk(lane: str) -> None:
            messages: list[ModelMessage] = []
            for n in range(3):
                messages.append(ModelRequest(parts=[UserPromptPart(f"{lane} {n}")]))
                messages.append(await held.lane(lane).request(messages, None, NOTHING))

        await asyncio.gather(talk("a"), talk("b"))

    asyncio.run(both())
    for lane in "ab":
        kept = [one for one in held.transcript.exchanges if one.lane == lane]
        assert [one.number for one in kept] == [1, 2, 3]
        assert [len(one.messages) for one in kept] == [1, 2, 2]
        assert all(f"{'b' if lane == 'a' else 'a'} " not in str(one.messages) for one in kept)
    assert held.meter.requests == 6


def test_what_was_spent_is_metered_and_priced() -> None:
    usage = RequestUsage(input_tokens=100, output_tokens=7)
    held = access(
        Wire(ModelResponse(parts=[TextPart("a")], usage=usage)), price=lambda used: used.input_tokens / 100
    )
    ask(held.lane("a"))
    assert (held.meter.tokens_in, held.meter.tokens_out, held.meter.dollars) == (100, 7, 1.0)
    (one,) = held.transcript.exchanges
    assert (one.tokens_in, one.tokens_out, one.dollars) == (100, 7, 1.0)


def recorded(held: Access) -> Access:
    """A replay of what was recorded."""
    return replace(
        held,
        model=Silent("wire"),
        recorded=Recorded(held.transcript.exchanges),
        transcript=Transcript(),
        meter=Meter(),
    )


def test_a_recording_answers_in_place_of_the_model() -> None:
    usage = RequestUsage(input_tokens=100, output_tokens=7)
    held = access(
        Wire(
            ModelResponse(parts=[TextPart("first")], usage=usage),
            ModelError("gone", hint="wait"),
            Spent("9 tokens"),
        ),
        price=lambda _: 0.5,
    )
    assert text_of(ask(held.lane("a"))) == "first"
    for error in (ModelError, Spent):
        with pytest.raises(error):
            ask(held.lane("a"))
    again = recorded(held)
    assert again.name == "wire"
    assert text_of(ask(again.lane("a"))) == "first"
    with pytest.raises(ModelError, match="gone") as failed:
        ask(again.lane("a"))
    assert failed.value.hint == "wait"
    with pytest.raises(Spent, match="9 tokens"):
        ask(again.lane("a"))
    with pytest.raises(ModelError, match="holds no further answer"):
        ask(again.lane("a"))
    assert again.recorded is not None and again.recorded.differs == []
    assert (again.meter.tokens, again.meter.dollars) == (107, 0.5)
    kept = [(one.kind, one.sha256, one.seconds, one.dollars) for one in held.transcript.exchanges]
    assert [(one.kind, one.sha256, one.seconds, one.dollars) for one in again.transcript.exchanges][
        :3
    ] == kept


def test_what_is_asked_otherwise_than_then_is_noted() -> None:
    held = access(Wire())
    ask(held.lane("a"))
    again = recorded(held)
    ask(again.lane("a"), UserPromptPart("what else?"))
    assert again.recorded is not None and again.recorded.differs == ["a, request 1"]


def test_who_stands_for_the_model_of_a_recording_says_nothing() -> None:
    with pytest.raises(ModelError):
        asyncio.run(Silent("x").request([], None, NOTHING))
    assert (Silent("x").model_name, Silent("x").system) == ("x", "recorded")
