from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.storage.vocabulary import TERMS, Thesaurus, expanded, load_thesaurus, terms


def words(question: str) -> list[str]:
    return [term.word for term in terms(question)]


@pytest.mark.parametrize(
    ("compound", "parts"),
    [
        ("ConnectionPoolExhausted", ["connection", "pool", "exhausted"]),
        ("db_pool_wait", ["db", "pool", "wait"]),
        ("PAY-503", ["pay", "503"]),
        ("OOMKilled", ["oom", "killed"]),
        ("http503", ["http", "503"]),
        ("HTTPServerError", ["http", "server", "error"]),
        ("5xx", ["5xx"]),
        ("p99", ["p99"]),
        ("POOL", ["pool"]),
    ],
)
def test_compounds_are_taken_apart(compound: str, parts: list[str]):
    assert words(compound) == parts


def test_a_text_keeps_its_compounds_beside_their_parts():
    assert expanded("a PoolTimeout here") == "a PoolTimeout here\nPool Timeout"
    assert expanded("nothing compound") == "nothing compound"


def test_words_that_tell_nothing_and_placeholders_are_left_out():
    assert words("why is the pool of <*> full after <number> s") == ["pool", "full"]


def test_a_question_of_nothing_else_is_asked_as_it_stands():
    assert words("what is it") == ["what", "is", "it"]


def test_each_thing_is_asked_once():
    assert words("timeout timeouts Timeout") == ["timeout"]


def test_other_names_go_with_the_words_that_they_replace():
    thesaurus = Thesaurus([["oom", "out of memory"], ["slow", "delay"]])
    found = {term.word: term.others for term in terms("out of memory and delays", thesaurus)}
    assert found == {"memory": ("oom",), "delays": ("slow",)}


def test_a_name_of_several_words_counts_as_a_whole():
    thesaurus = Thesaurus([["rate limit", "quota"]])
    assert all(not term.others for term in terms("rate of the limit", thesaurus))
    assert all(term.others == ("quota",) for term in terms("rate limits", thesaurus))


def test_the_thesaurus_that_comes_along_can_be_read():
    (term,) = terms("latency", load_thesaurus())
    assert "slow" in term.others and "latency" not in term.others


@given(st.text(max_size=300))
def test_any_question_gives_plain_words(question: str):
    found = terms(question, load_thesaurus())
    assert len(found) <= TERMS
    assert all(word.isalnum() for term in found for word in [term.word, *" ".join(term.others).split()])
