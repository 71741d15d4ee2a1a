from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from andon.investigation.agent.citations import Cited
from andon.investigation.agent.questions import Questions
from andon.investigation.agent.quoting import Ground, foreign, sentences_of, unborne
from unit.investigation.agent.desks import change_row, desk, link_row, log_row, series_row

ONE = desk()
Questions(ONE).log_lines("PriceTable")
Questions(ONE).traces()
ROWS: dict[str, Cited] = {
    "heap": series_row(ONE, "heap.used"),
    "threads": series_row(ONE, "threads.idle"),
    "queue": series_row(ONE, "queue.depth"),
    "log": log_row(ONE, "NullPointer"),
    "line": ONE.citations.read("logs-3:lines.0"),
    "deploy": change_row(ONE, "deploy-7"),
    "link": link_row(ONE, "bravo", "charlie"),
    "node": ONE.citations.read("traces-2:nodes.2"),
    "share": ONE.citations.read("traces-2:share.0"),
    "family": ONE.citations.read("logs-2:families.0"),
}
ELEMENTS = ONE.case.findings.model.topology.elements
NAMES = frozenset(name.casefold() for e in ELEMENTS for name in (e.id, e.name))


def ground(*rows: str, known: tuple[str, ...] = ("charlie", "alpha")) -> Ground:
    cited = [ROWS[row] for row in rows]
    spoken = {one.ref: frozenset(s.casefold() for s in one.services) for one in cited}
    return Ground(cited, NAMES, frozenset(known), spoken)


def refused(words: str, *rows: str) -> list[str]:
    """Why words about rows are refused, by either of the two checks."""
    there = ground(*rows)
    return unborne(words, there) or list(filter(None, [foreign(words, there)]))


@pytest.mark.parametrize("row", ROWS)
def test_the_sentence_of_a_row_is_borne_out_by_it(row: str) -> None:
    assert refused(ROWS[row].evidence.claim, row) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("heap", "heap.used rose to 370 [metrics-2:series.0]."),
        ("heap", "Charlie's heap.used rose to about 370 MBy."),
        ("heap", "heap.used rose from 120 MBy to 370 MBy since 10:15."),
        ("heap", "It began at 10:15 in charlie, where heap.used rose to 370."),
        ("threads", "threads.idle fell from 64 to 14."),
        ("queue", "queue.depth of delta did not change beyond chance."),
        ("queue", "queue.depth of the payment service did not change beyond chance."),
        ("log", "“NullPointerException in PriceTable.lookup” 150 times"),
        ("log", "The log of charlie shows NullPointerException in PriceTable.lookup, never before."),
        ("line", "charlie logged at 10:15 “NullPointerException in PriceTable.lookup”"),
        ("deploy", "deploy-7 on charlie at 10:14:55"),
        ("link", "240 of 300 calls from bravo to charlie failed, 0 of 900 before."),
        ("link", "Calls to charlie from bravo: 240 of 300 failed"),
        ("share", "Charlie adds 100 % of the added failures."),
        ("heap", "Charlie is the likeliest cause."),
    ],
)
def test_what_a_row_holds_may_be_said_otherwise(row: str, words: str) -> None:
    there = ground(row, known=("charlie", "alpha", "payment service", "delta"))
    if "payment" in words:
        there.spoken[ROWS[row].ref] |= {"payment service"}  # type: ignore[index]
    assert unborne(words, there) == []
    assert foreign(words, there) == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("heap", "heap.used rose from 370 to 120"),
        ("heap", "heap.used fell to 370"),
        ("heap", "heap.used did not rise"),
        ("heap", "heap.used rose to 370 GBy"),
        ("heap", "heap.used rose to 370 s"),
        ("heap", "heap.used rose to 370ms"),
        ("heap", "heap.used rose to 370 %"),
        ("heap", "heap.used rose by 370 MBy"),
        ("heap", "heap.used rose from 120 to 370 MBy per second"),
        ("heap", "heap.used is over 370"),
        ("heap", "heap.used rose to -370"),
        ("heap", "heap.used rose to 3,70"),
        ("heap", "heap.used rose to 370,000"),
        ("heap", "heap.used rose to 37 0"),
        ("heap", "heap.used rose 10-20"),
        ("heap", "heap.used rose 3x"),
        ("heap", "heap.used rose threefold"),
        ("heap", "heap.used tripled"),
        ("heap", "heap.used rose from a hundred"),
        ("heap", "heap.used rose to ３７１"),
        ("heap", "heap.used rose to ١٢"),
        ("heap", "heap.used rose to Ⅻ"),
        ("heap", "heap.used rose to 三百"),
        ("heap", "heap.used rose to 37²"),
        ("heap", "heap.used rose to 3\u200b70"),
        ("heap", "heap.used rose to 370 on 2026-06-20"),
        ("heap", "heap.used rose to 370 since 10:16"),
        ("heap", "heap.used rose to 370 since 10:15:01"),
        ("heap", "heap.used rose until 10:15:00"),
        ("heap", "p99 rose to 370"),
        ("heap", "HTTP/2 rose to 370"),
        ("heap", "v1.2.3 rose to 370"),
        ("heap", "5xx rose"),
        ("heap", "the 2nd rose to 370"),
        ("queue", "queue.depth of delta changed beyond chance"),
        ("queue", "queue.depth of delta is beyond chance"),
        ("log", "“NullPointerException in PriceTable.insert”"),
        ("log", "“Null”"),
        ("log", "It occurred 15 times"),
        ("log", "It occurred 150 times before"),
        ("log", "Gone since 10:15:00"),
        ("deploy", "deploy on alpha at 10:14:55"),
        ("deploy", "deploy-6 on charlie"),
        ("deploy", "charlie 1.4.1"),
        ("deploy", "the deploy on charlie at 10:14:55 was undone"),
        ("link", "240 of 300 calls from charlie to bravo failed"),
        ("link", "bravo: 240 of 300 failed"),
        ("link", "300 of 240 failed"),
        ("link", "0 of 300 failed, 240 of 900 before"),
        ("link", "240 of 300 succeeded"),
        ("node", "no calls failed"),
        ("node", "all calls failed"),
        ("node", "half of the calls failed"),
        ("share", "charlie adds 10 % of the added failures"),
        ("share", "Alpha adds 100 % of the added failures felt at Charlie"),
        ("share", "Alpha adds 100 % of the added failures"),
        ("family", "New kind of error in charlie, 150 times before"),
    ],
)
def test_what_a_row_does_not_hold_is_refused(row: str, words: str) -> None:
    assert refused(words, row)


@pytest.mark.parametrize(
    "stranger",
    [
        "payment service",
        "Payment Service",
        "payment  service",
        "iOS BFF",
        "the ios bff",
        "delta",
        "charlie-cache",
        "Cache",
        "foxtrot-1",
    ],
)
@pytest.mark.parametrize("rest", ["failed", "rose to 370", "is the cause"])
def test_a_component_of_which_the_row_does_not_speak_is_a_stranger(stranger: str, rest: str) -> None:
    assert any("does not speak of" in why for why in unborne(f"{stranger} {rest}", ground("heap")))


@pytest.mark.parametrize("look_alike", ["d\u0435lta", "payment-service", "payment_service", "PaymentService"])
def test_a_name_that_looks_like_a_component_is_refused_too(look_alike: str) -> None:
    assert refused(f"{look_alike} failed", "heap")


def test_no_row_bears_two_sentences_together() -> None:
    assert refused("heap.used rose to 370. threads.idle fell to 14.", "heap", "threads") == []
    assert refused("heap.used rose to 14.", "heap", "threads")
    assert refused("heap.used fell to 370.", "heap", "threads")
    assert refused("heap.used rose to 371.", "heap", "threads")
    assert refused("It rose to 370 in 3 steps.", "heap")
    assert unborne("It rose to 370.", Ground((), NAMES, frozenset())) == [
        "no row stands of which it could be said"
    ]


def test_what_else_is_told_of_calls_moved_neither_way() -> None:
    """Failures rose at the node; the number of its calls did not."""
    assert ROWS["node"].direction == 1
    assert refused("300 calls in the incident", "node") == []
    assert refused("Calls rose: 300 calls in the incident", "node")


@given(st.data(), st.sampled_from(sorted(ROWS)))
def test_one_number_more_or_less_is_refused(data: st.DataObject, row: str) -> None:
    claim = ROWS[row].evidence.claim
    found = list(re.finditer(r"(?<![\w.:-])\d+(?![\w.:-])", claim))
    assume(found)
    match = data.draw(st.sampled_from(found))
    moved = int(match[0]) + data.draw(st.integers(1, 10**6)) * data.draw(st.sampled_from([1, -1]))
    assert refused(f"{claim[: match.start()]}{moved}{claim[match.end() :]}", row)


@given(st.data(), st.sampled_from(sorted(ROWS)))
def test_one_other_digit_is_refused(data: st.DataObject, row: str) -> None:
    claim = ROWS[row].evidence.claim
    places = [at for at, letter in enumerate(claim) if letter.isdigit()]
    assume(places)
    at = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != claim[at]]))
    said = claim[:at] + digit + claim[at + 1 :]
    assume(not _same_numbers(said, claim))
    assert refused(said, row)


def _same_numbers(one: str, other: str) -> bool:
    """Whether two texts differ only in how numbers are written, such as 0 and 00."""
    return [float(n) for n in re.findall(r"\d+", one)] == [float(n) for n in re.findall(r"\d+", other)]


@given(st.sampled_from(sorted(ROWS)), st.integers(1, 86_399))
def test_a_time_that_is_shifted_is_refused(row: str, seconds: int) -> None:
    claim = ROWS[row].evidence.claim
    match = re.search(r"(\d\d):(\d\d):(\d\d)", claim)
    assume(match is not None)
    assert match is not None
    moved = (int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]) + seconds) % 86_400
    shifted = f"{moved // 3600:02d}:{moved // 60 % 60:02d}:{moved % 60:02d}"
    assert refused(claim.replace(match[0], shifted), row)


@given(st.sampled_from(sorted(ROWS)), st.sampled_from(sorted(NAMES)))
def test_the_name_of_another_component_is_refused(row: str, name: str) -> None:
    claim = ROWS[row].evidence.claim.casefold()
    own = next((own for own in ("charlie", "bravo", "delta") if own in claim.split("“")[0]), None)
    assume(own is not None and name not in claim and name not in ROWS[row].services)
    assert refused(re.sub(rf"\b{own}\b", name, claim), row)


@given(st.data(), st.sampled_from(["log", "line", "deploy"]))
def test_a_quote_with_one_other_word_is_refused(data: st.DataObject, row: str) -> None:
    claim = ROWS[row].evidence.claim
    quote = claim[claim.index("“") + 1 : claim.index("”")]
    words = quote.split()
    at = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(
        st.from_regex(r"[A-Za-z]{2,12}", fullmatch=True).filter(
            lambda w: w.casefold() != words[at].casefold()
        )
    )
    said = " ".join([*words[:at], other, *words[at + 1 :]])
    assume(said.casefold() not in quote.casefold())
    assert refused(f"It says “{said}”", row)


@given(
    st.sampled_from(["heap", "threads"]),
    st.sampled_from("rose rises increased grew climbed spiked higher".split()),
    st.sampled_from("fell dropped decreased lower fewer".split()),
)
def test_a_direction_that_is_turned_is_refused(row: str, up: str, down: str) -> None:
    right, wrong = (up, down) if row == "heap" else (down, up)
    name = "heap.used" if row == "heap" else "threads.idle"
    assert unborne(f"{name} {right}", ground(row)) == []
    assert unborne(f"{name} {wrong}", ground(row))


@given(st.text(max_size=200), st.sampled_from(sorted(ROWS)))
def test_no_text_breaks_the_check(words: str, row: str) -> None:
    unborne(words, ground(row))
    foreign(words, ground(row))


def test_sentences_end_where_the_next_begins() -> None:
    assert sentences_of("It failed. Then 1.5 s passed! “No” it said. v1.2.3 ran, i.e. on") == [
        "It failed.",
        "Then 1.5 s passed!",
        "“No” it said.",
        "v1.2.3 ran, i.e. on",
    ]
    assert sentences_of("  ") == []
