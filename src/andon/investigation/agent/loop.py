"""The loop: a model thinks, asks and reads until it concludes or its allowance is used up.

It is the only way from a model to a report, and it always ends in one: what the model found is held against the
ledger by the gate and merged with what the engine found; where the model fails, the engine's report stands.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any

from pydantic_ai import Agent as Conversation
from pydantic_ai import ModelRetry, RunContext, Tool
from pydantic_ai.exceptions import AgentRunError
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import UsageLimits

from andon.errors import ModelError, StorageError
from andon.investigation.agent.conclusion import Conclusion
from andon.investigation.agent.desk import Desk, as_data, quoted
from andon.investigation.agent.disproof import disprove
from andon.investigation.agent.gate import Standing, review
from andon.investigation.agent.merging import decorated, merged
from andon.investigation.agent.mind import Lent, Mind
from andon.investigation.agent.prompt import INSTRUCTIONS, case_prompt
from andon.investigation.agent.questions import Questions
from andon.investigation.agent.voting import ROUND, counted, settled
from andon.investigation.engine import Journal, Looked
from andon.investigation.report import Agent, Report
from andon.investigation.toolbox import Answer, Toolbox, worst
from andon.investigation.verification import verify
from andon.investigation.writing import Heading, write
from andon.llm.meter import Spent
from andon.llm.spans import annotate
from andon.llm.spans.calls import CallSpans
from andon.llm.spans.names import sample_span
from andon.telemetry import Status

__all__ = ["NOT_UNDERSTOOD", "deliberate", "tools_of"]

_TEMPERATURE = 0.7
"""At which several samples are drawn where none is stated: they must be able to differ."""
NOT_UNDERSTOOD = (
    "what it sent could not be understood; a model must call tools and end with `final_result`: "
    "is it served with tool calls?"
)
"""What is said where a model answers in text only, or in a form that was not asked for, again and again."""
_ANSWER = 4000
"""Tokens of one answer of the model: a conclusion takes a third of it, and some clients would ask for all that there are."""
_GRACE = 8
"""Calls beyond the allowance that are refused in words, a turn's worth, before the conversation is ended."""
_AGAIN = 2
"""How often the same question is answered in full."""
_CITED = re.compile(r"\[([a-z]+-\d+):")


@dataclass
class _Sample:
    """What one investigation came to."""

    desk: Desk
    standing: tuple[Standing, ...] = ()
    dropped: tuple[str, ...] = ()
    stopped: str = ""
    failures: list[str] = field(default_factory=list)


def deliberate(
    heading: Heading, looked: Looked, box: Toolbox, mind: Mind, desk_of: Callable[[], Desk], journal: Journal
) -> Report:
    """The report of engine and model together. Never raises for what a model does."""
    samples = asyncio.run(_samples(mind, desk_of, journal))
    ballot = counted([one.standing for one in samples if one.standing or not one.stopped] or [()])
    tried = [attempt for one in samples for attempt in one.desk.tried]
    votes = [one.standing for one in samples]
    both = merged(looked.case, votes, ballot, tried)
    if ballot.leaders or tried:
        report = write(replace(heading, created=looked.report.created), both.case, box, both.odds)
        report = decorated(report, looked.report, votes, tried)
    else:
        report = looked.report
    report = replace(report, agent=_account(mind, samples, ballot.agreement, looked.report, votes))
    report, _ = verify(report, box.ledger)
    journal("verified", {"claims": report.checked_claims, "dropped": report.dropped_claims})
    return report


async def _samples(mind: Mind, desk_of: Callable[[], Desk], journal: Journal) -> list[_Sample]:
    """Rounds of samples until they are all drawn, or the leader cannot be overtaken."""
    drawn: list[_Sample] = []
    while len(drawn) < mind.samples:
        size = min(ROUND, mind.samples - len(drawn))
        lanes = [f"sample-{len(drawn) + n + 1}" for n in range(size)]
        drawn += await asyncio.gather(*(_investigated(mind, desk_of(), lane, journal) for lane in lanes))
        ballot = counted([one.standing for one in drawn])
        if drawn[-1].stopped and not drawn[-1].standing:
            break
        if mind.samples > 1 and settled(ballot, mind.samples):
            break
    return drawn


async def _investigated(mind: Mind, desk: Desk, lane: str, journal: Journal) -> _Sample:
    sample = _Sample(desk)
    conversation = Conversation(
        mind.access.lane(lane),
        output_type=Conclusion,
        instructions=INSTRUCTIONS,
        tools=tools_of(desk, mind, lane, journal),
        retries={"tools": 3, "output": 3},
        model_settings=_settings(mind),
        capabilities=[CallSpans(mind.access.redactor.hide_value)],
    )

    @conversation.output_validator
    def hold(_ctx: RunContext[object], conclusion: Conclusion) -> Conclusion:
        reviewed = review(conclusion, desk)
        sample.standing, sample.failures = reviewed.standing, list(reviewed.failures)
        lacking = list(reviewed.failures) + _untried(reviewed.standing, desk)
        if lacking and not desk.sent_back:
            desk.sent_back = True
            journal("sent-back", {"lane": lane, "why": lacking})
            raise ModelRetry(
                "Not borne out; mend or leave out:\n" + quoted("\n".join(f"- {one}" for one in lacking[:12]))
            )
        return conclusion

    try:
        with sample_span(mind.access.model, lane, _settings(mind)):
            await conversation.run(case_prompt(desk), usage_limits=UsageLimits(request_limit=None))
        sample.dropped = tuple(sample.failures)
    except Spent as spent:
        sample.stopped = f"its allowance of {spent} was used up"
    except ModelError as error:
        sample.stopped = error.message
    except AgentRunError:
        sample.stopped = mind.access.transcript.failure(lane) or NOT_UNDERSTOOD
    except StorageError:
        raise
    except Exception as error:
        sample.stopped = f"andon itself failed: {type(error).__name__}: {error}"[:400]
    if sample.stopped:
        journal("stopped", {"lane": lane, "why": sample.stopped})
        sample.dropped = tuple(sample.failures)
    return sample


def _settings(mind: Mind) -> ModelSettings:
    """How the model is asked. What pydantic_ai would add to the prompt by itself would stand in no transcript."""
    temperature = mind.temperature
    if temperature is None and mind.samples > 1:
        temperature = _TEMPERATURE
    settings = ModelSettings(max_tokens=_ANSWER, framing_announcement="never")
    return settings if temperature is None else settings | ModelSettings(temperature=temperature)


def _untried(standing: Sequence[Standing], desk: Desk) -> list[str]:
    """What is lacking while nobody tried to disprove the first hypothesis."""
    if not standing:
        return []
    first = max(standing, key=lambda one: one.likelihood).suspect
    if any(one.key == first.key for one in desk.tried):
        return []
    return [
        f"call disprove for {first.element}, {first.mechanism.slug} before you conclude: what would show that it is wrong?"
    ]


def tools_of(desk: Desk, mind: Mind, lane: str, journal: Journal) -> list[Tool[object]]:
    """What a model may call: questions to the desk, attempts to disprove, documents, and what others lend."""
    ask = Questions(desk)
    offered: list[Callable[..., str]] = [
        ask.architecture, ask.metrics, ask.logs, ask.log_lines, ask.traces, ask.changes,
        ask.series, ask.row, ask.suspects, ask.look_again,
    ]  # fmt: skip
    if desk.case.findings.instruments:
        offered.append(ask.instruments)
    if any(o.tool == "alerts" for o in (*desk.box.ledger, *desk.box.ledger.foreseen)):
        offered.append(ask.alerts)

    def test(
        component: str, mechanism: str, test: str, change: str = "", where: str = "", contains: str = ""
    ) -> str:
        """Tries to disprove a hypothesis; for the test signal, where and contains say what must have moved."""
        return disprove(desk, component, mechanism, change, test, where, contains)

    def knowledge(query: str) -> str:
        """Runbooks and past incidents that speak of something; suggestions of what to check, no evidence."""
        return quoted(mind.consult(query)) if mind.consult else "there are no documents"

    test.__name__ = "disprove"
    offered.append(test)
    if mind.consult is not None:
        offered.append(knowledge)
    tools: list[Tool[object]] = [Tool(_metered(one, desk, mind, lane, journal)) for one in offered]
    free = {one.name: one for one in reversed(mind.lent) if one.name not in {tool.name for tool in tools}}
    return tools + [
        Tool.from_schema(
            _lent(one, desk, mind, lane, journal), one.name, as_data(one.description), _as_schema(one.schema)
        )
        for one in reversed(free.values())
    ]


def _as_schema(schema: Any) -> Any:
    """A schema whose titles and descriptions are data like any other text of others."""
    if isinstance(schema, Mapping):
        return {
            key: as_data(value)
            if key in ("title", "description") and isinstance(value, str)
            else _as_schema(value)
            for key, value in schema.items()
        }
    return [_as_schema(one) for one in schema] if isinstance(schema, list | tuple) else schema


def _metered(
    function: Callable[..., str], desk: Desk, mind: Mind, lane: str, journal: Journal
) -> Callable[..., Awaitable[str]]:
    @wraps(function)
    async def called(**arguments: Any) -> str:
        refusal = _refused(desk, mind, function.__name__, arguments)
        with desk.at_work():
            text = refusal or function(**arguments)
        text = text if refusal or text.startswith("<data>\n") else quoted(text)
        _noted(mind, lane, journal, function.__name__, arguments, text)
        _traced(desk, text, "refused" if refusal else "")
        return text

    return called


def _lent(lent: Lent, desk: Desk, mind: Mind, lane: str, journal: Journal) -> Callable[..., Awaitable[str]]:
    async def called(**arguments: Any) -> str:
        refusal = _refused(desk, mind, lent.name, arguments)
        status = "refused" if refusal else ""
        try:
            text = refusal or quoted(await lent.call(arguments))
        except Exception as error:
            text, status = f"{lent.name} did not answer: {type(error).__name__}", "failed"
        _noted(mind, lane, journal, lent.name, arguments, text)
        _traced(desk, text, status)
        return text

    return called


def _refused(desk: Desk, mind: Mind, name: str, arguments: Mapping[str, Any]) -> str:
    """Why a call is not answered in full: it was answered before, or the calls are used up.

    Raises Spent where a model goes on asking after it was told to conclude.
    """
    asked = f"{name} {sorted(arguments.items())}"
    desk.asked[asked] = desk.asked.get(asked, 0) + 1
    most = mind.access.meter.allowance.calls
    over = sum(desk.asked.values()) - most
    if over > _GRACE:
        raise Spent(f"{most} calls of tools")
    if over > 0:
        return "no calls are left: conclude now"
    if desk.asked[asked] > _AGAIN:
        return "this was answered before, and the answer is the same: ask something else, or conclude"
    return ""


def _noted(
    mind: Mind, lane: str, journal: Journal, name: str, arguments: Mapping[str, Any], text: str
) -> None:
    mind.access.meter.answered(len(text.encode()))
    head = text.removeprefix("<data>\n").partition("\n")[0]
    journal("called", {"lane": lane, "tool": name, "arguments": dict(arguments), "answer": head[:200]})


def _traced(desk: Desk, text: str, status: str) -> None:
    """Tells the span of a call which observations its answer cites or calls incomplete, and how whole they are."""
    cited = set(_CITED.findall(text))
    rests = [
        one
        for one in desk.box.ledger
        if one.id in cited or (one.status is not Status.OK and f"note: {one.tool} of {one.source}: " in text)
    ]
    if rests:
        status = status or worst(*(Answer(None, one.status, one.count) for one in rests))
        annotate({"andon.observations": [one.id for one in rests]})
    if status or "\nnote: " not in text:
        annotate({"andon.tool.status": str(status or Status.OK)})


def _account(
    mind: Mind,
    samples: Sequence[_Sample],
    agreement: float,
    engine: Report,
    votes: Sequence[Sequence[Standing]],
) -> Agent:
    meter, transcript = mind.access.meter, mind.access.transcript
    first = engine.hypotheses[0] if engine.hypotheses else None
    ballot = counted(votes)
    leader = ballot.leader
    said = next((s for vote in votes for s in vote if s.suspect.key == leader), None)
    model_first = f"{said.suspect.mechanism.title} at {said.suspect.element}" if said else ""
    return Agent(
        model=mind.access.name,
        samples=len(samples),
        agreement=agreement,
        agrees=leader == (first.key if first else None),
        engine_first=f"{first.mechanism_title} at {first.component}" if first else "",
        model_first=model_first,
        requests=sum(e.kind != "spent" for e in transcript.exchanges),
        calls=meter.calls,
        tokens_in=meter.tokens_in,
        tokens_out=meter.tokens_out,
        dollars=meter.dollars if transcript.exchanges else 0.0,
        seconds=round(transcript.seconds, 3),
        dropped=tuple(dict.fromkeys(line for one in samples for line in one.dropped)),
        stopped="; ".join(dict.fromkeys(one.stopped for one in samples if one.stopped)),
    )
