"""What a report says of the language model that had to do with it, in words that all renderings share."""

from __future__ import annotations

from collections.abc import Iterator

from andon.investigation.report import Agent, Hypothesis, Report
from andon.reports.text_safety import line

__all__ = ["account", "dropped", "named_by", "reading"]

_DROPPED = 5
"""Sentences of the model that are told as dropped; the rest is counted."""
READING = "The model reads it so (its numbers, times, quotes and names are checked, its reasoning is not):"


def named_by(hypothesis: Hypothesis, report: Report) -> str:
    """Who named it, where there is more than one mind to name anything; else nothing."""
    if report.agent is None and hypothesis.found_by == ("engine",):
        return ""
    by = " and the ".join(hypothesis.found_by)
    known = {"model": "named by the model alone", "memory": "remembered from a past incident: to be tested"}
    return known.get(by, f"named by the {by}")


def reading(hypothesis: Hypothesis) -> tuple[str, str]:
    """What is said over the model's own words, and the words; both empty where there are none."""
    return (READING, line(hypothesis.reading, 800)) if hypothesis.reading else ("", "")


def account(agent: Agent) -> Iterator[str]:
    """What the model did, one sentence each."""
    tokens = agent.tokens_in + agent.tokens_out
    spent = f"{_counted(agent.requests, 'request')}, {_counted(agent.calls, 'tool call')}, {tokens:,} tokens"
    money = "" if agent.dollars is None else f", {agent.dollars:.2f} dollars"
    yield f"{line(agent.model, 80)}: {spent}{money}, {agent.seconds:.0f} s of waiting for it."
    if agent.stopped:
        yield f"It stopped early: {line(agent.stopped, 300)}. What it had found until then is in the report."
    if agent.samples > 1:
        yield f"{agent.samples} independent investigations; {agent.agreement:.0%} of them lead with the same cause."
    if agent.model_first and agent.agrees:
        yield "Engine and model name the same first."
    elif agent.model_first:
        first = line(agent.engine_first, 200) or "nothing"
        yield f"They disagree: the engine names first {first}; the model {line(agent.model_first, 200)}."
    elif not agent.stopped:
        yield "The model names no cause that anything bears out."


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def dropped(agent: Agent) -> Iterator[str]:
    """What the model said and nothing bears out, and how much more there was of it."""
    for one in agent.dropped[:_DROPPED]:
        yield f"Dropped: {line(one, 240)}"
    if len(agent.dropped) > _DROPPED:
        yield f"{len(agent.dropped) - _DROPPED} more were dropped."
