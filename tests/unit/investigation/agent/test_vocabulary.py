from __future__ import annotations

import pytest

from andon.investigation.agent.vocabulary import ORDINARY, stem


def test_words_of_reasoning_tell_of_nothing_that_could_have_happened() -> None:
    telling = (
        "all none twice slow fast failed crashed database down up per every half hundred undone never no not"
    )
    assert not ORDINARY & set(telling.split())
    assert all(word == word.casefold() and word.isalpha() for word in ORDINARY)


@pytest.mark.parametrize(
    ("one", "other"),
    [("failed", "failing"), ("timeouts", "timeout"), ("changed", "change"), ("retries", "retrie")],
)
def test_endings_do_not_make_another_word(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_short_words_stay_what_they_are() -> None:
    assert [stem(word) for word in ("bed", "red", "bus", "used", "")] == ["bed", "red", "bus", "used", ""]
