"""`knowledge`: what runbooks, manuals and past incidents say that resembles what is asked.

Nothing from here is evidence: a document speaks of another day. A passage says what to check, and no claim may be
bound to an observation of this tool. Documents are hostile input: they are quoted, never followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pydantic import TypeAdapter

from andon.investigation.report import Coverage, Hypothesis
from andon.investigation.toolbox import KNOWLEDGE, Toolbox, content
from andon.storage import Hit, Observation
from andon.storage.search import How
from andon.telemetry import Passage, Problem, Status

__all__ = ["TOOL", "Library", "Passages", "Quoted", "Suggestion", "consult", "few", "gathered", "suggested"]

TOOL = KNOWLEDGE

QUOTE_CHARACTERS = 600
LIMIT = 20
QUERY_CHARACTERS = 1000
PROBLEMS = 5
LEADING = 3
TEMPLATES = 2
ENOUGH = 0.5
"""The share of what was asked that a passage must name to be suggested: at least as much as it lacks.

On the runbooks of the tests no question that none of them is about comes above 0.3, and those that mechanisms pose come above
0.5 mostly where a runbook is about them.
"""

_UNREAD = "some documents could not be read; the notes name them"

_WORD = re.compile(r"[^\W_]{3,}")
_STEM = 5


class Library(Protocol):
    """Documents that can be searched; `andon.storage.Index` is one. `problems` are what a search may miss."""

    @property
    def name(self) -> str: ...

    @property
    def problems(self) -> tuple[Problem, ...]: ...

    def find(self, query: str, limit: int = 5) -> tuple[Hit, ...]: ...


@dataclass(frozen=True, slots=True)
class Quoted:
    """Lines of a document, at most QUOTE_CHARACTERS of them.

    Lines count from 1, in a PDF on the page `page`, which is 0 elsewhere; `how` and `share` are those of `Hit`.
    """

    file: str
    line: int
    last_line: int
    page: int
    heading: str
    text: str
    how: How
    share: float

    @property
    def place(self) -> str:
        """Where it begins: `db/pool.md:41`, `manual.pdf, page 3, line 12`."""
        return Passage(self.file, self.line, self.last_line, "", page=self.page).place


@dataclass(frozen=True, slots=True)
class Passages:
    """What was found for a question, best first."""

    query: str
    passages: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A passage that says what to check if a hypothesis is right; `observation` is where it was quoted."""

    component: str
    mechanism: str
    passage: Quoted
    observation: str

    @property
    def text(self) -> str:
        """One line: `Runbook: db/pool.md:41, Database > Pool exhausted`."""
        heading = f", {self.passage.heading}" if self.passage.heading else ""
        return f"Runbook: {self.passage.place}{heading}"


_CONTENT = TypeAdapter(Passages)


def consult(box: Toolbox, library: Library | None, query: str, limit: int = 5) -> Observation:
    """The passages that resemble the query most; content `Passages`. Never evidence about now.

    The same query is answered from the ledger, on a replay without a library too.
    """
    query = " ".join(query.split())[:QUERY_CHARACTERS]
    limit = max(1, min(limit, LIMIT))
    asked = {"what": "passages", "query": query, "limit": limit}
    known = _known(box, library, asked)
    if known is not None:
        return known
    if library is None:
        gone = (Problem(TOOL, "the documents are not at hand any more"),)
        return _record(box, TOOL, asked, Status.FAILED, Passages(query, ()), gone)
    hits = library.find(query, limit)
    found = Passages(query, tuple(_quoted(hit, query) for hit in hits))
    problems = few(library.problems)
    status = Status.PARTIAL if problems else Status.OK if hits else Status.EMPTY
    return _record(box, library.name, asked, status, found, problems)


def _known(box: Toolbox, library: Library | None, asked: dict[str, Any]) -> Observation | None:
    """What was answered before: by this library, or by whichever it was when there is none any more."""
    names = _names(box) if library is None else (library.name,)
    answers = (box.ledger.asked(TOOL, name, asked) for name in names)
    return next((answer for answer in answers if answer is not None), None)


def _names(box: Toolbox) -> tuple[str, ...]:
    """The libraries that the ledger has answers from, or will have on a replay."""
    recorded = (*box.ledger, *box.ledger.foreseen)
    return tuple(dict.fromkeys(o.source for o in recorded if o.tool == TOOL))


def _record(
    box: Toolbox,
    source: str,
    asked: dict[str, Any],
    status: Status,
    found: Passages,
    problems: tuple[Problem, ...],
) -> Observation:
    return box.ledger.record(
        TOOL,
        source,
        asked,
        window=None,
        status=status,
        count=len(found.passages),
        content=_CONTENT.dump_python(found, mode="json"),
        problems=problems,
    )


def few(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The first problems of a library, and how many more there are."""
    if len(problems) <= PROBLEMS:
        return problems
    rest = sum(problem.count for problem in problems[PROBLEMS:])
    return (*problems[:PROBLEMS], Problem(TOOL, "more of the documents could not be read", rest))


def gathered(coverage: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """The coverage with one row for all searches of the documents that missed what could not be read.

    Each of them misses the same; which documents these are, the notes of a report say in full.
    """
    rows: list[Coverage] = []
    place: dict[str, int] = {}
    for row in coverage:
        if row.tool != TOOL or row.status is not Status.PARTIAL:
            rows.append(row)
        elif row.source in place:
            first = rows[place[row.source]]
            rows[place[row.source]] = replace(first, count=first.count + row.count)
        else:
            place[row.source] = len(rows)
            rows.append(replace(row, note=_UNREAD))
    return tuple(rows)


def _quoted(hit: Hit, query: str) -> Quoted:
    passage = hit.passage
    first, text = _clipped(passage.text, query)
    line = passage.first_line + first
    last = min(line + text.count("\n"), passage.last_line)
    return Quoted(passage.file, line, last, passage.page, passage.heading, text, hit.how, hit.share)


def _clipped(text: str, query: str) -> tuple[int, str]:
    """Which line to begin with (from 0), and the lines that name most of what was asked, as many as fit."""
    if len(text) <= QUOTE_CHARACTERS:
        return 0, text
    lines = text.split("\n")
    asked = _stems(query)
    best, chosen = (-1, 0), (0, "")
    for first in range(len(lines)):
        held, size = [lines[first]], len(lines[first])
        for line in lines[first + 1 :]:
            if size + 1 + len(line) > QUOTE_CHARACTERS:
                break
            held.append(line)
            size += 1 + len(line)
        piece = "\n".join(held)
        worth = (len(asked & _stems(piece)), -first)
        if worth > best:
            best, chosen = worth, (first, piece)
    first, piece = chosen
    return first, piece if len(piece) <= QUOTE_CHARACTERS else piece[: QUOTE_CHARACTERS - 1] + "…"


def _stems(text: str) -> set[str]:
    """The beginnings of its words, so that endings do not matter."""
    return {word.casefold()[:_STEM] for word in _WORD.findall(text)}


def suggested(
    box: Toolbox, library: Library | None, hypotheses: Sequence[Hypothesis]
) -> tuple[Suggestion, ...]:
    """For each of the leading hypotheses the best passage, if one is good enough.

    Asked by mechanism and component, then by mechanism alone, then by the log templates that speak for the hypothesis; the
    first answer counts that names at least ENOUGH of the question, part of it in the same words. Without a library
    only what the ledger holds is suggested. The hypotheses stay as they are.
    """
    if library is None and not _names(box):
        return ()
    found = (_suggestion(box, library, hypothesis) for hypothesis in hypotheses[:LEADING])
    return tuple(suggestion for suggestion in found if suggestion is not None)


def _suggestion(box: Toolbox, library: Library | None, hypothesis: Hypothesis) -> Suggestion | None:
    for query in _queries(hypothesis):
        observation = consult(box, library, query, limit=1)
        for passage in content(observation, Passages).passages:
            if passage.share >= ENOUGH and passage.how != "meaning":
                return Suggestion(hypothesis.component, hypothesis.mechanism, passage, observation.id)
    return None


def _queries(hypothesis: Hypothesis) -> Iterator[str]:
    yield f"{hypothesis.mechanism_title} {hypothesis.name}"
    yield hypothesis.mechanism_title
    quotes = (
        binding.text
        for evidence in hypothesis.evidence
        if evidence.supports and evidence.signal == "logs"
        for binding in evidence.bindings.values()
        if binding.style == "quote"
    )
    yield from list(dict.fromkeys(quotes))[:TEMPLATES]
