"""What is said in an answer: sentences, each with references to the rows that it was computed from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Said", "lines_of", "percent"]

_CITED = re.compile(r"\[(?P<ref>[a-z]+-\d+:[a-z]+(?:\.\d+)?)\] (?P<text>.*)")
_BRACKETS = str.maketrans("‹›", "<>")
"""The desk writes angle brackets so that no line ends its block."""
_MORE = re.compile(r"(\d+) more: .*")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and the references of its rows; none where it tells of the run or of the report."""

    text: str
    refs: tuple[str, ...] = ()


def lines_of(answer: str) -> Iterator[Said]:
    """The lines of an answer of the desk, as sentences."""
    for line in answer.translate(_BRACKETS).splitlines():
        if line in ("<data>", "</data>") or not line.strip():
            continue
        cited, more = _CITED.fullmatch(line), _MORE.fullmatch(line)
        if cited is not None:
            yield Said(cited["text"], (cited["ref"],))
        else:
            yield Said(f"{more[1]} more." if more else f"{line[0].upper()}{line[1:]}")


def percent(share: float) -> str:
    """A share in [0, 1] as it is written in a report."""
    return f"{100 * share:.0f} %"
