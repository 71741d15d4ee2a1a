from __future__ import annotations

from pathlib import Path

import pytest

from andon.connectors.documents import list_documents
from andon.investigation.claims import Binding
from andon.investigation.mechanisms import load_mechanisms, mechanism
from andon.investigation.report import Check, Coverage, Evidence, Hypothesis
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools.knowledge import (
    ENOUGH,
    QUOTE_CHARACTERS,
    Passages,
    Quoted,
    consult,
    gathered,
    suggested,
)
from andon.storage import Hit, Index, Ledger, Store
from andon.telemetry import Passage, Problem, Status

RUNBOOKS = Path(__file__).parents[3] / "fixtures" / "runbooks"


class Shelf:
    """A library that finds the same passages for anything; counts how often it is asked."""

    name = "shelf"

    def __init__(self, *texts: str, problems: tuple[Problem, ...] = ()) -> None:
        self.texts = texts
        self.problems = problems
        self.asked: list[str] = []

    def find(self, query: str, limit: int = 5) -> tuple[Hit, ...]:
        self.asked.append(query)
        passages = (Passage("a.md", 10, 10 + text.count("\n"), text, ("A", "B")) for text in self.texts)
        return tuple(Hit(passage, 1.0, "words", 1.0) for passage in passages)[:limit]


def box(store: Store | None = None, run: str = "") -> Toolbox:
    return Toolbox((), Ledger(store, run))


def quoted(text: str, query: str) -> Quoted:
    return content(consult(box(), Shelf(text), query), Passages).passages[0]


def test_passages_are_quoted_with_file_and_line():
    observation = consult(box(), Shelf("one\ntwo"), "two  of\nthem")
    assert (observation.id, observation.tool, observation.source) == ("knowledge-1", "knowledge", "shelf")
    assert (observation.status, observation.count, observation.window) == (Status.OK, 1, None)
    found = content(observation, Passages)
    assert found.query == "two of them"
    assert found.passages == (Quoted("a.md", 10, 11, 0, "A > B", "one\ntwo", "words", 1.0),)
    assert found.passages[0].place == "a.md:10"


def test_a_long_passage_is_cut_to_the_lines_that_answer():
    text = "\n".join(["nothing here " * 10] * 8 + ["the pool is exhausted", "raise its size"])
    found = quoted(text, "exhausted pools")
    assert len(found.text) <= QUOTE_CHARACTERS and found.text.endswith("raise its size")
    assert found.text.split("\n") == text.split("\n")[found.line - 10 : found.last_line - 9]


def test_a_long_line_is_cut():
    found = quoted("x" * 2000, "anything")
    assert (
        len(found.text) == QUOTE_CHARACTERS
        and found.text.endswith("…")
        and found.line == found.last_line == 10
    )


def test_the_same_query_is_asked_once():
    tools, shelf = box(), Shelf("one")
    first = consult(tools, shelf, "a b")
    assert consult(tools, shelf, " a   b ") is first and shelf.asked == ["a b"]
    assert consult(tools, shelf, "a b", limit=1).id == "knowledge-2"


def test_on_a_replay_the_ledger_answers(tmp_path: Path):
    store = Store(tmp_path)
    run = store.create_run("why")
    observation = consult(box(store, run), Shelf("one"), "pool")
    again = box(store, run)
    assert consult(again, None, "pool") == observation
    unknown = consult(again, None, "other")
    assert unknown.status is Status.FAILED and "not at hand" in unknown.problems[0].message
    store.close()


def test_nothing_found_is_empty_unless_something_could_not_be_read():
    assert consult(box(), Shelf(), "pool").status is Status.EMPTY
    problems = tuple(Problem(f"{number}.pdf", "is broken") for number in range(9))
    observation = consult(box(), Shelf(problems=problems), "pool")
    assert observation.status is Status.PARTIAL
    assert [problem.count for problem in observation.problems] == [1, 1, 1, 1, 1, 4]


def test_queries_and_answers_are_bounded():
    shelf = Shelf(*["one"] * 50)
    observation = consult(box(), shelf, "x " * 5000, limit=1000)
    assert observation.count == 20 and len(shelf.asked[0]) <= 1000


def hypothesis(slug: str, name: str = "basket", *quotes: str, supports: bool = True) -> Hypothesis:
    title = mechanism(slug).title
    evidence = tuple(
        Evidence(
            "",
            supports,
            ("logs-1",),
            "logs",
            "{text}",
            {"text": Binding("logs-1", "field", {}, "quote", quote)},
        )
        for quote in quotes
    )
    return Hypothesis(name, name, slug, title, None, 0.5, "", evidence, (), Check("", ""), "")


@pytest.fixture(scope="module")
def runbooks() -> Index:
    index = Index("runbooks")
    index.refresh(list_documents(RUNBOOKS))
    return index


def test_the_runbook_of_a_mechanism_is_suggested(runbooks: Index):
    leader = hypothesis("connection-pool-exhausted")
    (suggestion,) = suggested(box(), runbooks, [leader])
    assert suggestion.text == "Runbook: db/pool.md:3, Database > Connection pool exhausted"
    assert (suggestion.component, suggestion.mechanism) == ("basket", leader.mechanism)
    assert suggestion.observation.startswith("knowledge-")
    assert leader == hypothesis("connection-pool-exhausted"), (
        "a hypothesis is the same with knowledge and without"
    )


def test_a_log_template_finds_what_the_mechanism_does_not(runbooks: Index):
    quote = "“Connection is not available, request timed out after <duration>”"
    tools = box()
    assert suggested(tools, runbooks, [hypothesis("wrong-result")]) == ()
    (suggestion,) = suggested(tools, runbooks, [hypothesis("wrong-result", "basket", quote)])
    assert suggestion.passage.file == "db/pool.md"


def test_what_speaks_against_a_hypothesis_suggests_nothing(runbooks: Index):
    against = hypothesis("wrong-result", "basket", "Connection is not available", supports=False)
    assert suggested(box(), runbooks, [against]) == ()


def test_only_the_leading_hypotheses_are_looked_up(runbooks: Index):
    leaders = [hypothesis("wrong-result")] * 3 + [hypothesis("disk-full")]
    assert suggested(box(), runbooks, leaders) == ()


def test_suggestions_come_again_on_a_replay(runbooks: Index, tmp_path: Path):
    store = Store(tmp_path)
    run = store.create_run("why")
    leaders = [hypothesis("disk-full"), hypothesis("wrong-result"), hypothesis("clock-skew")]
    first = suggested(box(store, run), runbooks, leaders)
    assert [suggestion.mechanism for suggestion in first] == ["disk-full", "clock-skew"]
    again = box(store, run)
    asked = len(again.ledger)
    assert suggested(again, None, leaders) == first and len(again.ledger) == asked
    store.close()


def test_suggestions_come_again_from_a_tape(runbooks: Index):
    leaders = [hypothesis("wrong-result"), hypothesis("disk-full")]
    live = box()
    first = suggested(live, runbooks, leaders)
    replay = Toolbox((), Ledger(tape=tuple(live.ledger)))
    assert suggested(replay, None, leaders) == first != ()
    assert [o.id for o in replay.ledger] == [o.id for o in live.ledger]


def test_without_knowledge_nothing_is_asked():
    tools = box()
    assert suggested(tools, None, [hypothesis("disk-full")]) == () and len(tools.ledger) == 0


def test_most_suggestions_are_of_the_right_runbook(runbooks: Index):
    """What the rule gives for every mechanism, on runbooks that were not written for their titles."""
    wanted = {
        "network-rule-removed": "platform/firewall.md",
        "certificate-expired": "platform/certificates.md",
        "credential-rotated": "platform/credentials.md",
        "connection-pool-exhausted": "db/pool.md",
        "slow-query": "db/slow-queries.md",
        "throttling": "platform/rate-limits.md",
        "dns-failure": "platform/dns.md",
        "disk-full": "platform/disk.md",
        "clock-skew": "platform/clock.md",
        "cavitation": "plant/pump.md",
        "valve-stiction": "plant/valve.md",
        "bearing-wear": "plant/pump.md",
    }
    found = {
        each.slug: suggestion.passage.file
        for each in load_mechanisms()
        for suggestion in suggested(box(), runbooks, [hypothesis(each.slug)])
    }
    right = sum(found.get(slug) == file for slug, file in wanted.items())
    assert right >= 11 and len(found) - right <= 3
    assert ENOUGH == 0.5


def test_searches_that_missed_the_same_documents_are_one_row_of_the_coverage():
    def row(tool: str, status: Status, source: str = "runbooks", number: int = 1) -> Coverage:
        return Coverage(
            tool, source, "passages", status, number, "broken.pdf: " + "x" * 300, f"{tool}-{number}"
        )

    metrics, whole = row("metrics", Status.PARTIAL), row("knowledge", Status.OK)
    first, second, third = (row("knowledge", Status.PARTIAL, number=n) for n in (1, 2, 3))
    other = row("knowledge", Status.PARTIAL, "manuals")
    one, two = gathered((first, metrics, second, whole, other, third))[::3]
    assert (one.count, one.observation) == (6, "knowledge-1")
    assert one.note == two.note == "some documents could not be read; the notes name them"
    assert gathered((first, metrics, second, whole, other, third))[1:3] == (metrics, whole)
    assert gathered((metrics, whole)) == (metrics, whole)
