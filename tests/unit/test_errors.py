from __future__ import annotations

import inspect
import re

import pytest

from andon import errors
from andon.errors import AndonError, ParseError

ENTRY = re.compile(r"^ {4}((?:│   |    )*(?:├── |└── )?)(\w+) +(\d+)(?= |$)")


def drawn() -> dict[str, tuple[str, int]]:
    """The tree of the docstring: name to parent and exit code."""
    found: dict[str, tuple[str, int]] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := ENTRY.match(line):
            depth = len(match[1]) // 4
            above[depth:] = [match[2]]
            found[match[2]] = (above[depth - 1] if depth else "Exception", int(match[3]))
    return found


def defined() -> dict[str, tuple[str, int]]:
    classes = [c for c in vars(errors).values() if inspect.isclass(c) and c.__module__ == errors.__name__]
    return {c.__name__: (c.__base__.__name__, c.exit_code) for c in classes}


def test_the_tree_is_as_drawn() -> None:
    assert drawn() == defined()


def test_every_error_is_public() -> None:
    assert sorted(defined()) == errors.__all__


def test_siblings_have_exit_codes_of_their_own() -> None:
    codes = [code for parent, code in defined().values() if parent in ("Exception", "AndonError")]
    assert len(set(codes)) == len(codes)
    assert 0 not in codes


@pytest.mark.parametrize("name", sorted(set(defined()) - {"ParseError"}))
def test_an_error_carries_message_hint_and_status(name: str) -> None:
    error = getattr(errors, name)("it broke", hint="mend it")
    assert (str(error), error.message, error.hint) == ("it broke", "it broke", "mend it")
    assert 200 <= error.http_status < 600
    assert isinstance(error, AndonError)


def test_a_parse_error_says_where_and_what_was_expected() -> None:
    error = ParseError("a comma", file="a.csv", line=7, expected="a number", hint="count again")
    assert str(error) == error.message == "a.csv:7: a comma; expected a number"
    assert (error.file, error.line, error.expected, error.hint) == ("a.csv", 7, "a number", "count again")


def test_a_parse_error_of_a_whole_file() -> None:
    assert str(ParseError("it is empty", file="a.csv")) == "a.csv: it is empty"
