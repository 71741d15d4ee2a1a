"""What our own code costs a model: milliseconds of each tool, tokens of prompt and answers, seconds to a first finding."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from andon.app.leading import desk_at
from andon.connectors.files import FilesSource
from andon.investigation.agent.conclusion import Conclusion
from andon.investigation.agent.desk import Desk
from andon.investigation.agent.loop import tools_of
from andon.investigation.agent.mind import Mind
from andon.investigation.agent.prompt import INSTRUCTIONS, case_prompt
from andon.investigation.engine import look
from andon.investigation.question import Question
from andon.investigation.toolbox import Toolbox
from andon.investigation.writing import Heading
from andon.llm.guard import Access, Silent
from andon.llm.meter import Allowance, Meter
from andon.storage import Ledger
from benchmarks.figures import Figure, say
from benchmarks.large_incident import make

__all__ = ["overheads"]

_TIMES = 5
_GOALS = {"call": "under 50", "prompt": "under 6,000", "answer": "under 1,200", "first": "under 1"}
_NO_OVERHEAD = frozenset(["look_again"])
"""Tools that investigate anew by design: their time is the engine's."""

Count = Callable[[str], int]


def overheads(size: float, tokens: Count, how: str) -> Iterator[Figure]:
    """Measured on the large incident of a size; `tokens` counts those of a text, and `how` says by what."""
    with tempfile.TemporaryDirectory(prefix="andon-agent-") as folder:
        incident = make(Path(folder) / "incident", size)
        say(f"agent: large incident of size {size:g} made, noticed at {incident.symptom}")
        firsts: list[float] = []
        desk, seconds = _desk(incident.folder, f"{incident.symptom} is slow", firsts)
        yield Figure(
            f"seconds until the engine's first finding on the large incident, size {size:g} (reading it included)",
            f"{firsts[0] if firsts else seconds:.1f}",
            1,
        )
        tools = {tool.name: tool for tool in tools_of(desk, _mind(), "sample-1", lambda *_: None)}
        prompt = case_prompt(desk) + INSTRUCTIONS + _offered(tools)
        goal = _GOALS["prompt"]
        yield Figure(f"tokens of the prompt before tool answers ({how})", f"{tokens(prompt):,}", 1, goal=goal)
        yield from _calls(desk, tools, tokens, how)


def _desk(folder: Path, question: str, firsts: list[float]) -> tuple[Desk, float]:
    began = time.monotonic()

    def journal(event: str, _payload: Any) -> None:
        if event in ("located", "suspects") and not firsts:
            firsts.append(time.monotonic() - began)

    source = FilesSource.open(folder)
    box, infos, heading = Toolbox([source], Ledger()), (source.info(),), Heading("bench")
    looked = look(heading, Question(question), box, infos, journal)
    return desk_at(heading, looked, box, infos), time.monotonic() - began


def _mind() -> Mind:
    return Mind(Access(Silent("nobody"), Meter(Allowance(calls=1_000_000, bytes=10**12))))


def _offered(tools: Mapping[str, Any]) -> str:
    """What is sent of the tools: names, descriptions, schemas, that of the conclusion too."""
    offered = [(t.name, t.description, t.function_schema.json_schema) for t in tools.values()]
    return orjson.dumps([*offered, Conclusion.model_json_schema()]).decode()


def _calls(desk: Desk, tools: Mapping[str, Any], tokens: Count, how: str) -> Iterator[Figure]:
    largest: tuple[int, str] = (0, "")
    for name, tool in tools.items():
        took = []
        for arguments in _arguments(name, desk):
            began = time.perf_counter()
            answer = asyncio.run(tool.function(**arguments))
            took.append(1000 * (time.perf_counter() - began))
            largest = max(largest, (tokens(answer), name))
        say(f"agent: {name}: {statistics.median(took):.1f} ms, most {max(took):.1f}")
        goal = "" if name in _NO_OVERHEAD else _GOALS["call"]
        spread = f"at most {max(took):.1f}"
        yield Figure(
            f"ms a call of {name}, median", f"{statistics.median(took):.1f}", len(took), spread, goal
        )
    what = f"tokens of the largest answer, by {largest[1]} ({how})"
    yield Figure(what, f"{largest[0]:,}", len(tools), goal=_GOALS["answer"])


def _arguments(name: str, desk: Desk) -> Sequence[dict[str, Any]]:
    """Different questions of each kind, such as a model asks, so that none is answered from the ledger."""
    findings = desk.case.findings
    places = list(dict.fromkeys(s.element for s in desk.case.suspects)) + sorted(findings.model.services_of)
    places = places[:_TIMES]
    series = [desk.citations.cite(row).ref for row in findings.series[:_TIMES]]
    events = [desk.citations.cite(row).ref for row in findings.events[:_TIMES]]
    one = desk.case.suspects[0] if desk.case.suspects else None
    fixed: dict[str, Sequence[dict[str, Any]]] = {
        "log_lines": [{"text": text} for text in ("error", "exhausted", "order", "sent", "42")],
        "series": [{"ref": ref} for ref in series],
        "row": [{"ref": ref} for ref in (*series, *events)],
        "suspects": [{}, {"top": 20}],
        "alerts": [{}],
        "look_again": [{"exclude": places[-1]}],
        "knowledge": [{"query": "latency"}],
        "disprove": [
            {
                "component": one.element,
                "mechanism": one.mechanism.slug,
                "change": one.change_id or "",
                "test": test,
            }
            for test in ("order", "peers", "elsewhere", "demand")
        ]
        if one
        else [],
    }
    asked = fixed.get(name, [{}, *({"component": place} for place in places)])
    return asked or [{"ref": "metrics-1:series.0"}]
