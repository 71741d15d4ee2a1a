"""To lend tools of others to the agent: each call is an observation, and its lines can be cited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from andon.app.aids import LENDERS
from andon.config import Settings
from andon.connectors.lent import LentAnswer, LentTool, open_lenders
from andon.connectors.secrets import Vault
from andon.investigation.agent.desk import ANSWER, LACKING, as_data, clipped
from andon.investigation.agent.mind import Lent
from andon.investigation.agent.questions import Questions
from andon.investigation.engine import Journal
from andon.investigation.toolbox import LENT
from andon.storage import Ledger, Observation
from andon.telemetry import Problem, Status

__all__ = ["OURS", "Borrowed", "borrow", "lend", "refusals", "relent"]

OURS = frozenset(name for name in vars(Questions) if not name.startswith("_")) | {
    "disprove",
    "final_result",
    "knowledge",
}
"""Names that no lent tool gets."""

_TOLD = 3
"""Tools of a server that are named, each with why it is not lent; the rest is counted."""

Call = Callable[[LentTool, Mapping[str, Any]], LentAnswer]


@dataclass(frozen=True, slots=True)
class Borrowed:
    """Tools of all servers, how they are called, how often each server may be, and what is not lent and why."""

    tools: tuple[LentTool, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    call: Call | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report says of the tools that were not lent, one sentence for each server."""
        servers = dict.fromkeys(_server_of(problem) for problem in self.problems)
        return tuple(f"Tools of {name} were not lent: {refusals(self.problems, name)}" for name in servers)


@contextmanager
def borrow(settings: Settings, vault: Vault, journal: Journal) -> Iterator[Borrowed]:
    """The servers of andon.yaml for one run, connected now and let go afterwards; journals what they lend.

    Nothing is started where none is named. Raises ConfigError for an entry that is wrong.
    """
    if not settings.lenders:
        yield Borrowed()
        return
    folder, origin = settings.file.parent.resolve(), f"{settings.file}: mcp"
    with open_lenders(settings.lenders, vault, folder=folder, origin=origin, taken=OURS) as lenders:
        by_name = {lender.name: lender for lender in lenders}
        borrowed = Borrowed(
            tuple(tool for lender in lenders for tool in lender.tools),
            {lender.name: lender.config.limits.calls for lender in lenders},
            tuple(problem for lender in lenders for problem in lender.problems),
            lambda tool, arguments: by_name[tool.server].call(tool.tool, arguments),
        )
        journal(LENDERS, _told(borrowed))
        yield borrowed


def relent(told: Mapping[str, Any]) -> Borrowed:
    """What was lent in a run that is replayed, from its event of the journal: no server is asked again."""
    tools = tuple(LentTool(**one) for one in told["tools"])
    problems = tuple(Problem(**one) for one in told["problems"])
    return Borrowed(tools, dict(told["calls"]), problems)


def lend(borrowed: Borrowed, ledger: Ledger) -> tuple[Lent, ...]:
    """The tools as the loop takes them; the same call is answered from the ledger, and new ones are written into it."""
    return tuple(
        Lent(tool.name, tool.description, tool.schema, _caller(tool, borrowed, ledger))
        for tool in borrowed.tools
    )


def _server_of(problem: Problem) -> str:
    """The server that a problem is about: `books` of `books.search`, for no name of a server holds a dot."""
    return problem.place.partition(".")[0]


def refusals(problems: Iterable[Problem], server: str) -> str:
    """Why tools of a server are not lent: the server's own trouble, then the first tools, each with its reason."""
    told: list[str] = []
    more = 0
    for problem in problems:
        tool = problem.place.partition(".")[2]
        if _server_of(problem) != server:
            continue
        if tool and len(told) < _TOLD:
            told.append(f"{tool} ({problem.message.removeprefix('not lent: ')})")
        elif tool:
            more += problem.count
        else:
            told.append(problem.message + (f" ({problem.count})" if problem.count > 1 else ""))
    return "; ".join([*told, f"and {more} more"] if more else told)


def _told(borrowed: Borrowed) -> dict[str, Any]:
    return {
        "tools": [asdict(tool) for tool in borrowed.tools],
        "calls": dict(borrowed.calls),
        "problems": [asdict(problem) for problem in borrowed.problems],
    }


def _caller(
    tool: LentTool, borrowed: Borrowed, ledger: Ledger
) -> Callable[[Mapping[str, Any]], Awaitable[str]]:
    async def called(arguments: Mapping[str, Any]) -> str:
        query = {"tool": tool.tool, "arguments": dict(arguments)}
        known = ledger.asked(LENT, tool.server, query)
        if known is not None:
            return _text(tool, known)
        most = borrowed.calls.get(tool.server, 0)
        if sum(o.tool == LENT and o.source == tool.server for o in ledger) >= most:
            return f"no calls of {tool.server} are left: it may be asked {most} times in a run"
        answer = await _answer(tool, arguments, borrowed.call)
        known = ledger.asked(LENT, tool.server, query)  # Another sample may have asked meanwhile.
        return _text(tool, known or _recorded(tool, query, answer, ledger))

    return called


async def _answer(tool: LentTool, arguments: Mapping[str, Any], call: Call | None) -> LentAnswer:
    if call is None:
        gone = Problem(tool.server, "it is not at hand any more")
        return LentAnswer(Status.FAILED, problems=(gone,))
    return await asyncio.to_thread(call, tool, arguments)


def _recorded(tool: LentTool, query: Mapping[str, Any], answer: LentAnswer, ledger: Ledger) -> Observation:
    return ledger.record(
        LENT,
        tool.server,
        query,
        window=None,
        status=answer.status,
        count=len(answer.lines),
        content={"tool": tool.tool, "lines": list(answer.lines)},
        problems=answer.problems,
    )


def _text(tool: LentTool, observation: Observation) -> str:
    """The answer as data: one line for each line, with its reference."""
    lines: Sequence[str] = observation.content["lines"]
    told = [as_data(f"{tool.tool} of {tool.server}: {len(lines)} lines")]
    if observation.status in LACKING:
        why = f" ({observation.problems[0]})" if observation.problems else ""
        told.append(clipped(as_data(f"note: {LACKING[observation.status]}{why}"), 240))
    left = ANSWER - sum(map(len, told)) - 200
    shown = 0
    for number, line in enumerate(lines):
        text = as_data(f"[{observation.id}:lines.{number}] {line}")
        if len(text) > left:
            break
        left -= len(text) + 1
        told.append(text)
        shown += 1
    if len(lines) > shown:
        told.append(f"{len(lines) - shown} more lines are not shown: ask for less")
    return "<data>\n" + "\n".join(told) + "\n</data>"
