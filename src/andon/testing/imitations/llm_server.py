"""What the imitated APIs of language models have in common: a script of answers, faults, and checks of what is asked.

A script states turns without a wire format; each provider's imitation writes them in its own, whole or as a stream,
and refuses requests that the provider would refuse. They do not write text: what the model says is the script's.
Not imitated: images, batches, files, thinking, caching of prompts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from typing import Any

from andon.testing.imitation import Asked, Imitation, Told

__all__ = [
    "Call",
    "ModelServer",
    "Raw",
    "Refusal",
    "Trouble",
    "Turn",
    "check_tools",
    "events",
    "pieces",
    "request_of",
    "schema_fault",
]


class Trouble(StrEnum):
    """What a provider answers instead of a turn."""

    KEY = "the key is refused"
    MODEL = "the model is unknown"
    BUSY = "too many requests, with a time to wait"
    QUOTA = "the quota is used up"
    OVERLOADED = "overloaded"
    BROKEN = "a server error"
    TOO_LONG = "the prompt is too long"
    FILTERED = "the model declines"
    CUT = "the answer is cut off in the middle"
    MALFORMED = "the answer is not JSON"
    ELSEWHERE = "a redirect to another host"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool that the model asks for."""

    name: str
    arguments: Mapping[str, Any]
    id: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model answers; `stop` is `done` or `length`. Tokens are what the answer counts."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    stop: str = "done"
    input: int = 100
    output: int = 20
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer in the provider's own wire format, as recorded."""

    body: Mapping[str, Any]


@dataclass
class Refusal(Exception):
    """The request breaks a rule of the API; `kind` is what the provider calls that."""

    message: str
    status: int = 400
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Path:
    at: str
    schema: Any


@dataclass(frozen=True, slots=True)
class _Half(Told):
    """An answer whose second half never comes."""


class ModelServer(Imitation):
    """Plays a script, one item a request; the last one again and again when it is over.

    `key` is the key that is accepted, empty for a server without keys. `models` are the names it knows. `refused`
    holds what was wrong with requests that broke a rule. `elsewhere` is where a redirect leads.
    """

    def __init__(
        self,
        script: Sequence[Turn | Raw | Trouble],
        *,
        key: str = "",
        models: Sequence[str] = (),
        retry_after: str = "0",
        elsewhere: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.key = key
        self.models = tuple(models)
        self.retry_after = retry_after
        self.elsewhere = elsewhere
        self.refused: list[str] = []
        self._script = tuple(script)
        self._played = 0

    def play(self, *script: Turn | Raw | Trouble) -> None:
        """Another script from now on."""
        with self.lock:
            self._script, self._played = script, 0

    def answer(self, asked: Asked) -> Told:
        try:
            streams = self.check(asked)
        except Refusal as refusal:
            with self.lock:
                self.refused.append(refusal.message)
            return self.refusal(refusal)
        with self.lock:
            item = self._script[min(self._played, len(self._script) - 1)]
            self._played += 1
        match item:
            case Trouble.ELSEWHERE:
                return Told(307, b"", {"location": self.elsewhere + asked.path})
            case Trouble.MALFORMED if streams:
                return _garbled(self.written(self.body(Turn("It began at ten o'clock, when the")), streams))
            case Trouble.MALFORMED:
                return Told(200, b'{"id": "1", "content": [', {"content-type": "application/json"})
            case Trouble.FILTERED:
                return self.written(self.filtered(), streams)
            case Trouble.CUT:
                told = self.written(self.body(Turn("It began at ten o'clock, when the")), streams)
                return _Half(told.status, told.body, told.headers)
            case Trouble():
                return self.trouble(item)
            case Raw():
                return self.written(item.body, streams)
            case Turn():
                return self.written(self.body(item), streams)

    def _tell(self, handler: BaseHTTPRequestHandler, told: Told, asked: Asked) -> None:
        if not isinstance(told, _Half):
            return super()._tell(handler, told, asked)
        handler.send_response_only(told.status)
        for name, value in (dict(told.headers) | {"content-length": str(len(told.body))}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(told.body[: len(told.body) // 2])
        handler.close_connection = True
        return None

    def check(self, asked: Asked) -> bool:
        """Whether the answer is asked for as a stream. Raises Refusal for what the provider refuses."""
        raise NotImplementedError

    def body(self, turn: Turn) -> Mapping[str, Any]:
        """A turn in the wire format."""
        raise NotImplementedError

    def filtered(self) -> Mapping[str, Any]:
        """How the model declines."""
        raise NotImplementedError

    def written(self, body: Mapping[str, Any], streams: bool) -> Told:
        """The body as an answer, whole or as a stream."""
        raise NotImplementedError

    def refusal(self, refusal: Refusal) -> Told:
        """How the provider says that a request breaks a rule."""
        raise NotImplementedError

    def trouble(self, trouble: Trouble) -> Told:
        """How the provider says what is wrong with it, the account or the prompt."""
        raise NotImplementedError


def request_of(asked: Asked, known: Sequence[str], required: Sequence[str]) -> dict[str, Any]:
    """The request's body. Raises Refusal where it is no object, or has a field that is unknown or lacks one."""
    try:
        body = asked.json()
    except ValueError:
        raise Refusal("the body is not JSON") from None
    if asked.method != "POST" or not isinstance(body, dict):
        raise Refusal("expected a POST with an object")
    if unknown := sorted(set(body) - set(known)):
        raise Refusal(f"{unknown[0]}: Extra inputs are not permitted")
    if lacking := [name for name in required if name not in body]:
        raise Refusal(f"{lacking[0]}: Field required")
    return body


def check_tools(tools: Sequence[tuple[Any, Any]], pattern: str, chosen: str | None, most: int = 128) -> None:
    """Raises Refusal for a tool whose name or schema the provider refuses; `tools` are pairs of name and schema."""
    names = [name for name, _ in tools]
    for name, schema in tools:
        if not isinstance(name, str) or not re.fullmatch(pattern, name):
            raise Refusal(f"tools: the name {name!r} does not match {pattern}")
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise Refusal(f"tools.{name}: the schema must be of type object")
        if fault := schema_fault(schema):
            raise Refusal(f"tools.{name}: the schema is invalid: {fault}")
    if len(set(names)) < len(names):
        raise Refusal("tools: names must be unique")
    if len(names) > most:
        raise Refusal(f"tools: at most {most}")
    if chosen is not None and chosen not in names:
        raise Refusal(f"tool_choice: there is no tool {chosen!r}")


_TYPES = frozenset(["object", "array", "string", "number", "integer", "boolean", "null"])
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_ONE = ("items", "additionalProperties", "not", "contains", "propertyNames")
_MANY = ("properties", "$defs", "definitions", "patternProperties")


def schema_fault(schema: Any) -> str:
    """What makes this no JSON Schema (draft 2020-12, the part that tools use), empty when it is one."""
    waiting = [_Path("", schema)]
    while waiting:
        one = waiting.pop()
        if isinstance(one.schema, bool):
            continue
        if not isinstance(one.schema, dict):
            return f"{one.at or 'schema'} is neither an object nor a boolean"
        if fault := _fault_here(one.schema, schema):
            return f"{one.at or 'schema'}: {fault}"
        waiting += _below(one)
    return ""


def _fault_here(part: dict[str, Any], whole: Any) -> str:
    kinds = part.get("type", [])
    if not set([kinds] if isinstance(kinds, str) else kinds) <= _TYPES:
        return f"type {kinds!r} does not exist"
    required, choices, refers = part.get("required", []), part.get("enum", []), part.get("$ref", "#")
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        return "required is not a list of names"
    if not isinstance(choices, list):
        return "enum is not a list"
    if any(not isinstance(part.get(key, {}), dict) for key in _MANY):
        return "expected an object of schemas"
    if any(not isinstance(part.get(key, [True]), list) or part.get(key) == [] for key in _LISTS):
        return "expected a list of schemas"
    return "" if _resolves(refers, whole) else f"$ref {refers!r} leads nowhere"


def _resolves(reference: Any, whole: Any) -> bool:
    if not isinstance(reference, str) or not reference.startswith("#"):
        return False
    for step in reference[1:].strip("/").split("/"):
        if step and (not isinstance(whole, dict) or step not in whole):
            return False
        whole = whole[step] if step else whole
    return True


def _below(one: _Path) -> Iterator[_Path]:
    for key in _LISTS:
        yield from (_Path(f"{one.at}/{key}/{at}", part) for at, part in enumerate(one.schema.get(key, ())))
    for key in _ONE:
        if key in one.schema:
            yield _Path(f"{one.at}/{key}", one.schema[key])
    for key in _MANY:
        yield from (_Path(f"{one.at}/{key}/{name}", part) for name, part in one.schema.get(key, {}).items())


def pieces(text: str) -> list[str]:
    """A text as a stream brings it, in a few pieces."""
    size = max(1, -(-len(text) // 3))
    return [text[at : at + size] for at in range(0, len(text), size)]


def events(parts: Sequence[tuple[str, Any]]) -> Told:
    """Server-sent events, with their names where they have one."""
    lines = [
        (f"event: {name}\n" if name else "")
        + f"data: {part if isinstance(part, str) else json.dumps(part)}\n\n"
        for name, part in parts
    ]
    return Told(200, "".join(lines).encode(), {"content-type": "text/event-stream; charset=utf-8"})


def _garbled(told: Told) -> Told:
    """A stream with something in its middle that does not belong there."""
    middle = len(told.body) // 2
    at = told.body.find(b"data: ", middle) if b"data: " in told.body else middle
    return Told(told.status, told.body[:at] + b'data: {"half": \n\n' + told.body[at:], told.headers)
