from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.recipes import RECIPES, STYLES, compute, write
from andon.investigation.toolbox import Toolbox
from andon.investigation.tools import traces
from andon.storage import Ledger
from andon.telemetry import Window
from unit.investigation.incident import END, ONSET, START, source

CONTENT = {
    "rows": [{"n": 3, "of": 12, "none": 0, "text": "one\ntwo\nthree"}],
    "times": [1.0, 2.0, 3.0, 4.0],
    "values": [10.0, None, 20.0, 99.0],
}


@pytest.mark.parametrize(
    ("recipe", "args", "value"),
    [
        ("field", {"path": ["rows", 0, "n"]}, 3),
        ("length", {"path": ["rows"]}, 1),
        ("line", {"path": ["rows", 0, "text"], "number": 2}, "two"),
        ("ratio", {"part": ["rows", 0, "n"], "whole": ["rows", 0, "of"]}, 0.25),
        ("ratio", {"part": ["rows", 0, "n"], "whole": ["rows", 0, "none"]}, 0),
        ("mean", {"start": 1.0, "end": 4.0}, 15),
    ],
)
def test_recipes(recipe: str, args: dict[str, object], value: object) -> None:
    assert compute(recipe, CONTENT, args) == value


@pytest.mark.parametrize(
    ("recipe", "args"),
    [
        ("field", {"path": ["rows", 7]}),
        ("field", {"path": ["nothing"]}),
        ("field", {"path": ["rows", "n"]}),
        ("field", {"no": "path"}),
        ("ratio", {"part": ["rows", 0, "text"], "whole": ["rows", 0, "of"]}),
        ("mean", {"start": 7.0, "end": 9.0}),
        ("line", {"path": ["rows", 0, "text"], "number": 9}),
        ("eval", {}),
    ],
)
def test_what_does_not_fit_raises_what_verification_expects(recipe: str, args: dict[str, object]) -> None:
    with pytest.raises((KeyError, IndexError, TypeError, ValueError, ZeroDivisionError)):
        compute(recipe, CONTENT, args)


def test_the_share_of_a_failing_service() -> None:
    (observation,) = traces.compare(Toolbox([source()], Ledger()), Window(START, ONSET), Window(ONSET, END))
    args = {"quantity": "failures", "symptom": ["alpha"]}
    shares = {
        s: compute("share", observation.content, args | {"place": s}) for s in ("alpha", "bravo", "charlie")
    }
    assert shares["charlie"] > 0.9
    assert sum(shares.values()) <= 1 + 1e-9
    assert compute("share", observation.content, args | {"place": "nowhere"}) == 0


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        ("count", 1234567, "1,234,567"),
        ("percent", 0.5, "50 %"),
        ("percent", 0, "0 %"),
        ("percent", 0.001, "0.1 %"),
        ("duration", 0.25, "250 ms"),
        ("duration", 2.5, "2.5 s"),
        ("duration", 600, "10 min"),
        ("number", 12345.0, "12,345"),
        ("number", 0.123456, "0.123"),
        ("clock", 1_781_864_700, "10:25:00"),
        ("names", ["a", "b"], "a, b"),
        ("text", "as it is", "as it is"),
        ("quote", "two\n  lines", "“two lines”"),
    ],
)
def test_styles(style: str, value: object, text: str) -> None:
    assert write(style, value) == text


def test_every_recipe_and_style_is_named_for_a_template() -> None:
    assert all(name.isidentifier() for name in (*RECIPES, *STYLES))


@given(st.text(max_size=2000))
def test_a_quote_is_one_short_line(text: str) -> None:
    written = write("quote", text)
    assert len(written.splitlines()) == 1
    assert len(written) < 300
    assert written[0] + written[-1] == "“”"


@given(st.floats(-1e12, 1e12))
def test_any_finite_number_can_be_written(value: float) -> None:
    for style in ("count", "duration", "number", "percent"):
        assert write(style, value)
