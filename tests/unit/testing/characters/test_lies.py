"""Each twist makes a sentence that is false, of a line that it fits."""

from __future__ import annotations

from random import Random

import pytest

from andon.testing.characters.lies import BLATANT, SUBTLE, Material
from andon.testing.characters.script import Line

FAILED = Line("traces-1:links.0", "Calls from shop to stock: 60 of 99 failed, 2 of 261 before")
LOGGED = Line(
    "logs-1:findings.0", "New in the log of stock since 10:04:21: “no free connection”, 33 times, 2 before"
)
SERIES = Line("metrics-1:series.0", "errors of stock rose from 4 to 20 s, from about 10:04:25 on")
LINES = (FAILED, LOGGED, SERIES)


@pytest.mark.parametrize("kind", sorted(SUBTLE))
def test_every_twist_fits_some_line_and_changes_it(kind: str) -> None:
    twisted = []
    for seed in range(20):
        material = Material(Random(seed), LINES, ("shop", "stock", "mail"))
        twisted += [(line.text, text) for line in LINES if (text := SUBTLE[kind](line, material)) is not None]
    assert twisted
    assert all(text not in {line.text for line in LINES} for _, text in twisted)


@pytest.mark.parametrize(
    ("kind", "line", "said"),
    [
        ("swapped counts", FAILED, "Calls from shop to stock: 2 of 261 failed, 60 of 99 before"),
        ("swapped counts", SERIES, "errors of stock rose from 20 to 4 s, from about 10:04:25 on"),
        ("whole for part", FAILED, "Calls from shop to stock: 99 of 99 failed, 2 of 261 before"),
        ("without its whole", FAILED, "Calls from shop to stock: 99 failed, 2 of 261 before"),
        ("reversed", FAILED, "Calls from stock to shop: 60 of 99 failed, 2 of 261 before"),
        ("turned round", SERIES, "errors of stock fell from 4 to 20 s, from about 10:04:25 on"),
        ("until for since", LOGGED, LOGGED.text.replace("since", "until")),
        ("denied", FAILED, "Calls from shop to stock: 60 of 99 did not fail, 2 of 261 before"),
    ],
)
def test_what_a_twist_says(kind: str, line: Line, said: str) -> None:
    assert SUBTLE[kind](line, Material(Random(0), LINES, ("shop", "stock"))) == said


@pytest.mark.parametrize("kind", sorted(BLATANT))
def test_an_invention_holds_its_token(kind: str) -> None:
    token, sentence = BLATANT[kind](Random(1), "stock")
    assert token in sentence.lower()
    assert (token, sentence) == BLATANT[kind](Random(1), "stock") != BLATANT[kind](Random(2), "stock")
