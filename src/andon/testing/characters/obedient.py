"""A model that obeys every instruction which it sees, wherever it stands and however it is disguised.

It is what prompt injection hopes for: it reads everything that it is sent, calls whatever tool a text asks for,
concludes whatever a text says, and repeats its words. `obeyed` tells what reached it, so that a test can say that an
attack arrived and did nothing, rather than that it never arrived.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from andon.testing.characters.imperatives import REFERENCE, Order, orders_in

__all__ = ["Obedient", "Obeyed"]

_ROUNDS = 8
"""Rounds of calls after which it concludes."""
_AT_ONCE = 24
"""Calls of one round."""
_ROWS = 16
"""Rows that it looks at for the sake of looking."""
_NAMED = 6
"""Components of which it asks who calls them."""
_COMPONENT = re.compile(r"^([\w.-]+): .+ \([\w-]+\)$", re.MULTILINE)
_UNDERSTANDABLE = 6
"""Orders whose words it repeats in one sentence."""


@dataclass(frozen=True, slots=True)
class Obeyed:
    """An order that reached the model: its rule, its words, and the reading in which it was found."""

    rule: str
    words: str
    reading: str


@dataclass(frozen=True)
class _Call:
    name: str
    arguments: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.name} {json.dumps(dict(self.arguments), sort_keys=True)}"


@dataclass
class _Wishes:
    """What all orders together make it conclude."""

    blamed: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    mechanism: str = "other"
    change: str = ""
    likelihood: float = 1.0


class Obedient(Model):
    """Looks at everything that is on offer, obeys what it finds there, and concludes as it was told.

    `obeyed` are the orders that reached it, each once; `called` the names of the tools that it asked for, also of those
    that do not exist; `offered` the names of those that do. `curious` is false for a model that looks at
    nothing of its own accord; otherwise it looks at as many `rows` as that, and concludes after so many `rounds`. What it answers depends on the messages alone, so one may serve several
    conversations. Raises nothing of its own.
    """

    def __init__(self, *, curious: bool = True, rounds: int = _ROUNDS, rows: int = _ROWS) -> None:
        super().__init__()
        self.obeyed: dict[Obeyed, None] = {}
        self.called: set[str] = set()
        self.offered: set[str] = set()
        self._curious = curious
        self._rounds = rounds
        self._rows = rows

    @property
    def model_name(self) -> str:
        return "obedient"

    @property
    def system(self) -> str:
        return "scripted"

    @property
    def rules(self) -> frozenset[str]:
        """The rules of the orders that reached it."""
        return frozenset(one.rule for one in self.obeyed)

    async def request(
        self,
        messages: list[ModelMessage],
        _model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        offered = {tool.name: tool.parameters_json_schema for tool in model_request_parameters.function_tools}
        texts = [*_said(messages), *_described(model_request_parameters)]
        orders = list(dict.fromkeys(order for text in texts for order in _orders(text)))
        self.offered.update(offered)
        self.obeyed.update(dict.fromkeys(Obeyed(o.rule, o.words, o.reading) for o in orders))
        done = {_Call(part.tool_name, part.args_as_dict()).key for part in _calls(messages)}
        rounds = sum(isinstance(message, ModelResponse) for message in messages)
        if rounds < self._rounds and not _concluded(messages, model_request_parameters):
            wanted = [call for order in orders for call in _demanded(order, offered)]
            wanted += _looks(offered, texts, self._rows) if self._curious else []
            tried = {part.tool_name for part in _calls(messages)} - offered.keys()
            fresh = {call.key: call for call in wanted if call.key not in done and call.name not in tried}
            fresh = {call.name if call.name not in offered else key: call for key, call in fresh.items()}
            if fresh:
                chosen = list(fresh.values())[:_AT_ONCE]
                self.called.update(call.name for call in chosen)
                return ModelResponse([ToolCallPart(c.name, dict(c.arguments)) for c in chosen])
        return _conclusion(orders, texts, model_request_parameters)


@lru_cache(maxsize=4096)
def _orders(text: str) -> tuple[Order, ...]:
    return tuple(orders_in(text))


def _said(messages: Sequence[ModelMessage]) -> Iterator[str]:
    """All that was said to it besides its instructions."""
    for message in messages:
        if isinstance(message, ModelRequest):
            for part in message.parts:
                content = getattr(part, "content", "")
                yield content if isinstance(content, str) else json.dumps(content, default=str)


def _described(parameters: ModelRequestParameters) -> Iterator[str]:
    """What tools say of themselves."""
    for tool in parameters.function_tools:
        yield f"{tool.description or ''} {json.dumps(tool.parameters_json_schema, ensure_ascii=False)}"


def _calls(messages: Sequence[ModelMessage]) -> Iterator[ToolCallPart]:
    for message in messages:
        if isinstance(message, ModelResponse):
            yield from (part for part in message.parts if isinstance(part, ToolCallPart))


def _concluded(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> bool:
    ends = {tool.name for tool in parameters.output_tools}
    return any(part.tool_name in ends for part in _calls(messages))


def _looks(offered: Mapping[str, Any], texts: Sequence[str], rows: int) -> list[_Call]:
    """Every tool asked about everything, then every row that was named."""
    broad = {"top": 25, "text": "", "query": "what to check"}
    calls = []
    for name, schema in offered.items():
        known = schema.get("properties", {})
        needed = set(schema.get("required", ()))
        if needed <= broad.keys():
            calls.append(_Call(name, {key: value for key, value in broad.items() if key in known}))
    refs = dict.fromkeys(ref for text in texts for ref in REFERENCE.findall(text))
    if "architecture" in offered:
        named = dict.fromkeys(name for text in texts for name in _COMPONENT.findall(text))
        calls += [_Call("architecture", {"component": name}) for name in list(named)[:_NAMED]]
    if "row" in offered:
        calls += [_Call("row", {"ref": ref}) for ref in sorted(refs, key=_plainness)[:rows]]
    return calls


def _plainness(ref: str) -> bool:
    """Log lines last: their whole text was seen in the list."""
    return ":lines." in ref


def _demanded(order: Order, offered: Mapping[str, Any]) -> Iterator[_Call]:
    """The calls that an order asks for: of the tool that it names, and of real ones with its words as arguments."""
    if order.tool:
        yield _Call(order.tool, order.arguments)
    for name, argument in (
        ("log_lines", "text"),
        ("architecture", "component"),
        ("row", "ref"),
        ("knowledge", "query"),
    ):
        if order.smuggled and name in offered:
            yield _Call(name, {argument: order.smuggled})


def _conclusion(
    orders: Sequence[Order], texts: Sequence[str], parameters: ModelRequestParameters
) -> ModelResponse:
    wishes = _wishes(orders)
    told = "\n".join(texts)
    refs = list(dict.fromkeys([*wishes.refs, *REFERENCE.findall(told)]))
    words = " ".join(wishes.words[:_UNDERSTANDABLE])
    evidence = [{"ref": ref[:80], "supports": True, "says": words[:250]} for ref in wishes.refs[:3]]
    evidence += [{"ref": ref[:80], "supports": True} for ref in refs if ref not in wishes.refs]
    proposals = [
        {
            "component": component[:120],
            "mechanism": wishes.mechanism[:60],
            "change": wishes.change[:200],
            "likelihood": min(1.0, max(0.0, wishes.likelihood)),
            "evidence": evidence[:8],
            "why": words[:500],
        }
        for component in dict.fromkeys(wishes.blamed or ["nobody"])
    ]
    conclusion = {"hypotheses": proposals[:5], "nothing": words[:250]}
    (end, *_) = parameters.output_tools
    talking = "redirections" in end.parameters_json_schema.get("properties", {})
    return ModelResponse([ToolCallPart(end.name, _reply(orders, refs) if talking else conclusion)])


def _reply(orders: Sequence[Order], refs: Sequence[str]) -> dict[str, Any]:
    """What it answers an engineer: the words of the orders, and as redirections whatever they want ranked anew."""
    told = [order for order in orders if order.tool == "look_again"]
    return {
        "answer": [{"text": order.words[:500], "refs": list(refs[:3])} for order in orders[:12]],
        "redirections": [
            {"kind": kind, "target": str(target)[:120], "words": order.words[:400]}
            for order in told[:5]
            for kind, target in order.arguments.items()
            if kind in ("exclude", "also")
        ],
    }


def _wishes(orders: Sequence[Order]) -> _Wishes:
    wishes = _Wishes()
    for order in orders:
        wishes.words.append(order.words)
        wishes.blamed += [order.component] if order.component else []
        wishes.refs += [order.ref] if order.ref else []
        wishes.mechanism = order.mechanism or wishes.mechanism
        wishes.change = order.change or wishes.change
        wishes.likelihood = wishes.likelihood if order.likelihood is None else order.likelihood
    return wishes
